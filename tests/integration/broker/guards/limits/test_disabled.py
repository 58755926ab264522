"""A provider that is switched off: producers are refused, what waits stays, and switching on hands it out."""

from collections.abc import Callable
from datetime import UTC, datetime

import redis

from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from tests.integration.broker.guards.guard_lab import ALPHA, BETA, NEVER, GuardLab
from workers.background.replays.availability import why_closed

Guarded = Callable[..., GuardLab]


def test_what_waits_is_handed_out_only_when_it_is_on_again(guarded: Guarded) -> None:
    lab = guarded()
    ids = lab.fill(3)
    lab.declare(enabled=False)

    assert (lab.admit().ids, lab.admit().why, lab.admit().look_at) == ([], "disabled", 0)
    lab.now += 10 * NEVER
    assert lab.admit().ids == []

    lab.declare(enabled=True)
    assert lab.admit().ids == ids


def test_what_runs_ends_as_usual_and_its_retry_waits(guarded: Guarded) -> None:
    lab = guarded()
    done, failed = lab.one(), lab.one()
    lab.declare(enabled=False)

    lab.succeed(done)
    lab.fail(failed, delay_ms=1000)
    lab.now += 2000

    assert lab.admit().why == "disabled"
    assert lab.places_of(failed.job_id) == ["ready:lab:normal"]


def test_it_is_off_whatever_the_circuits_mode(guarded: Guarded) -> None:
    lab = guarded(enabled=False)
    lab.fill(1)

    for mode in ("forced_closed", "observe", "auto"):
        lab.mode(mode)
        assert lab.admit().why == "disabled"


def test_an_expired_lease_comes_back_and_waits(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one(worker=BETA)
    lab.declare(enabled=False)
    lab.now += NEVER

    assert lab.admit(worker=ALPHA).ids == []
    assert lab.places_of(job.job_id) != []


def test_a_command_goes_before_the_configuration_and_reset_gives_it_back(valkey: "redis.Redis") -> None:
    guards = Guards(valkey, "lab")
    guards.declare(GuardConfig(enabled=True))
    guards.set("ann", enabled=False)
    guards.declare(GuardConfig(enabled=True))

    assert guards.config().enabled is False
    assert valkey.exists("leeward:{lab}:bounded")

    guards.reset("ann", "enabled")
    assert guards.config().enabled is True
    assert not valkey.exists("leeward:{lab}:bounded")


def test_a_worker_that_was_turned_away_is_woken_when_a_declaration_switches_it_on(guarded: Guarded) -> None:
    lab = guarded(enabled=False)
    lab.fill(1)
    lab.admit(worker=ALPHA)
    channel = lab.client.pubsub()
    channel.subscribe(f"leeward:wake:{ALPHA}")
    assert channel.get_message(timeout=5)["type"] == "subscribe"

    lab.declare(enabled=True)

    assert channel.get_message(timeout=5)["data"] == b"lab"
    channel.close()


def test_a_replay_gives_it_nothing(guarded: Guarded) -> None:
    lab = guarded(enabled=False)
    state = lab.state()

    assert state.since is None
    assert why_closed(state, None, now=datetime.now(UTC)) == "lab is switched off"
