"""An actor's own numbers: within its provider's, by the queue where its jobs wait, in the same atomic steps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis

from broker.guards.actor_config import ActorGuards
from tests.integration.broker.guards.guard_lab import ALPHA, BETA, GuardLab
from tests.integration.broker.guards.limits.test_bulkhead import told, wakes
from tests.integration.broker.lab import LEASE_MS

Guarded = Callable[..., GuardLab]
MAIL = "email.lab"


def own(**numbers: Any) -> dict[str, ActorGuards]:
    return {MAIL: ActorGuards(**numbers)}


def mails(lab: GuardLab, n: int) -> list[str]:
    ids = [f"mail-{number}" for number in range(n)]
    lab.enqueue(*ids, queue=MAIL)
    return ids


def test_an_actors_limit_holds_its_own_jobs_and_nobody_elses(guarded: Guarded) -> None:
    lab = guarded(limit=5, actors=own(limit=2))
    mails(lab, 10)
    lab.fill(10)

    first = lab.admit(10, queue=MAIL)
    assert (first.ids, first.why) == (["mail-0", "mail-1"], "actor_full")
    assert lab.admit(10, queue=MAIL, worker=BETA).ids == []
    assert (len(lab.admit(10).ids), lab.admit(1).why) == (3, "full")


def test_the_providers_limit_goes_before_a_wider_one_of_an_actor(guarded: Guarded) -> None:
    lab = guarded(limit=1, actors=own(limit=3))
    mails(lab, 10)

    assert (len(lab.admit(10, queue=MAIL).ids), lab.admit(1, queue=MAIL).why) == (1, "full")


@pytest.mark.parametrize("lane", ["interactive", "bulk"])
def test_every_lane_and_partition_of_a_queue_counts(guarded: Guarded, lane: str) -> None:
    lab = guarded(actors=own(limit=1))
    lab.enqueue("first", queue=MAIL, lane=lane, partition="tenant")
    mails(lab, 1)

    lab.admit(1, queue=MAIL)

    assert lab.admit(1, queue=MAIL).why == "actor_full"


def test_every_way_to_end_frees_the_permit_and_a_killed_holders_is_back_with_its_lease(guarded: Guarded) -> None:
    lab = guarded(actors=own(limit=1))
    mails(lab, 10)
    ways: dict[str | None, dict[str, Any]] = {"done": {}, "later": {"delay_ms": 9_000_000}, "release": {}, None: {}}
    for end, fields in ways.items():
        lab.settle(lab.admit(1, queue=MAIL).jobs[0], end, **fields)
    lab.admit(1, queue=MAIL)

    refused = lab.admit(1, queue=MAIL, worker=BETA)
    assert (refused.why, refused.look_at) == ("actor_full", lab.now + LEASE_MS)
    lab.expire_leases()

    assert len(lab.admit(2, queue=MAIL, worker=BETA).ids) == 1


@pytest.mark.parametrize("provider_limit", [0, 5])
def test_a_freed_permit_tells_one_who_was_turned_away(
    guarded: Guarded, valkey: "redis.Redis", provider_limit: int
) -> None:
    lab = guarded(limit=provider_limit, actors=own(limit=1))
    mails(lab, 5)
    (job,) = lab.admit(1, queue=MAIL).jobs
    lab.now += 1
    lab.admit(1, queue=MAIL, worker=BETA)
    lab.now += 1
    lab.admit(1, queue=MAIL, worker="gamma:1")
    with told(valkey, BETA, "gamma:1") as listener:
        lab.succeed(job)

        assert wakes(listener) == [BETA]


def test_a_rate_of_its_own_lets_the_next_start_at_its_exact_instant(guarded: Guarded) -> None:
    lab = guarded(rate=100.0, burst=100, actors=own(rate=5.0, burst=2))
    mails(lab, 10)
    lab.fill(10)

    burst = lab.admit(10, queue=MAIL)
    assert (len(burst.ids), burst.why, burst.look_at) == (2, "actor_rate", lab.now + 200)
    assert len(lab.admit(10).ids) == 10
    lab.now += 199
    assert lab.admit(10, queue=MAIL).ids == []
    lab.now += 1

    assert len(lab.admit(10, queue=MAIL).ids) == 1


def test_jobs_that_its_own_rate_holds_back_spend_no_token_of_the_provider(guarded: Guarded) -> None:
    lab = guarded(rate=0.001, burst=3, actors=own(rate=0.001, burst=1))
    mails(lab, 10)
    lab.fill(10)

    assert len(lab.admit(10, queue=MAIL).ids) == 1
    assert len(lab.admit(10).ids) == 2


def test_slow_is_what_its_own_number_says(guarded: Guarded) -> None:
    lab = guarded(min_calls=2, slow=timedelta(seconds=2), actors=own(slow=timedelta(seconds=20)))
    mails(lab, 4)
    for job in lab.admit(4, queue=MAIL).jobs:
        lab.settle(job, "done", call="ok", ms=10_000)
    assert lab.state().state == "closed"

    lab.declare(min_calls=2, slow=timedelta(seconds=20), actors=own(slow=timedelta(seconds=2)))
    lab.enqueue("a", "b", queue=MAIL)
    for job in lab.admit(2, queue=MAIL).jobs:
        lab.settle(job, "done", call="ok", ms=10_000)
    assert lab.state().state == "closed", "two of six were slow"
    lab.enqueue(*(f"slow-{n}" for n in range(14)), queue=MAIL)
    for job in lab.admit(14, queue=MAIL).jobs:
        lab.settle(job, "done", call="ok", ms=10_000)

    assert lab.state().state == "open"


def test_an_observed_actor_tells_the_circuit_nothing_good_or_bad(guarded: Guarded) -> None:
    lab = guarded(streak=3, actors=own(observe=True))
    mails(lab, 20)
    for job in lab.admit(10, queue=MAIL).jobs:
        lab.fail(job)
    assert (lab.state().state, lab.events()) == ("closed", [])

    lab.calls(failed=2)
    lab.succeed(*lab.admit(1, queue=MAIL).jobs)
    lab.settle(lab.admit(1, queue=MAIL).jobs[0], "done", call="ok", ms=3)
    lab.calls(failed=1)

    assert lab.state().state == "open", "its successes end no streak"


def test_an_observed_actors_429_and_refused_login_delay_their_job_only(guarded: Guarded) -> None:
    lab = guarded(actors=own(observe=True))
    mails(lab, 3)
    for probe in (False, True):
        (job,) = lab.admit(1, queue=MAIL).jobs
        lab.settle(job, "hold", delay_ms=60_000, cause="no", probe=probe)

    assert (lab.state().state, lab.state().held_until) == ("closed", None)
    assert len(lab.admit(10, queue=MAIL).ids) == 1


def test_an_observed_actors_failure_in_an_outage_spends_no_attempt(guarded: Guarded) -> None:
    lab = guarded(streak=3, actors=own(observe=True))
    mails(lab, 1)
    (job,) = lab.admit(1, queue=MAIL).jobs
    lab.opened()

    lab.fail(job)

    assert lab.status(job.job_id) == "ready"


def test_a_half_open_circuit_is_closed_by_those_who_tell(guarded: Guarded) -> None:
    lab = guarded(streak=3, successes=1, probes=2, actors=own(observe=True))
    lab.half_opened(waiting=2)
    mails(lab, 3)

    observed = lab.admit(1, queue=MAIL).jobs
    (probe,) = lab.admit(5).jobs
    assert lab.admit(5, queue=MAIL).why == "half_open"
    lab.succeed(*observed)
    assert lab.state().state == "half_open"
    lab.succeed(probe)

    assert lab.state().state == "closed"


def test_a_number_that_no_worker_names_any_more_is_gone_and_an_operators_stays(guarded: Guarded) -> None:
    lab = guarded(actors=own(limit=1, rate=5.0))
    lab.steer("set", f"rate@{MAIL}", 7, f"burst@{MAIL}", 2)

    lab.declare(actors={"other.lab": ActorGuards(limit=3)})
    assert lab.state().actors[MAIL].guards == ActorGuards(limit=1, rate=7, burst=2), "another worker serves that queue"
    lab.declare(actors={MAIL: ActorGuards()})

    assert lab.state().actors[MAIL].guards == ActorGuards(rate=7, burst=2)
    assert lab.state().actors["other.lab"].guards.limit == 3


def test_a_rate_that_never_was_used_has_tokens(guarded: Guarded) -> None:
    lab = guarded(actors=own(rate=5.0))

    assert lab.state().actors[MAIL].token_at is None
    assert lab.admit(1, queue=MAIL, worker=ALPHA).why == "empty"
