"""Workers of the release before this one and of this one on the same queues, tables and providers."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from leeward import JobState, SendEmail, SyncUser
from simulators.faults import Effect, Rule, Stage
from tests.support.answers import text
from tests.support.fleets.fleet import THIS_RELEASE, Fleet, Program, fleet_at
from tests.support.fleets.fleet_host import Host
from tests.support.fleets.fleet_load import Load
from tests.support.fleets.older_release import older_program, unpack_older_release
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos

BROKEN = "Error processing request."
"""What Jellyfin says with a 500; a job is tried again."""


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return older_program(unpack_older_release(tmp_path_factory.mktemp("older release")))


@pytest.fixture
def mixed(tmp_path: Path, valkey_url: str, database_url: str) -> Iterator[Fleet]:
    """Its database was migrated by this release."""
    with fleet_at(tmp_path, valkey_url=valkey_url, database_url=database_url) as fleet:
        yield fleet


@pytest.fixture(params=["older first", "newer first"])
def one_after_the_other(request: pytest.FixtureRequest, older: Program) -> tuple[Program, Program]:
    return (older, THIS_RELEASE) if request.param == "older first" else (THIS_RELEASE, older)


def test_a_mixed_fleet_settles_every_job_once_while_workers_of_both_are_killed(
    mixed: Fleet, older: Program, valkey: "redis.Redis"
) -> None:
    """Jobs of all families with retries, delays and results; and each release takes over what the other's killed workers held."""
    hosts = [mixed.start_host(program, processes="1") for program in (older, THIS_RELEASE)]
    for host in hosts:
        host.wait_until_ready()
    mixed.jellyfin.faults.set(
        Rule(operation="POST /Users/New", effect=Effect.STATUS, status=500, body=BROKEN, probability=0.2),
        Rule(latency_ms=100),
    )
    mixed.mail.faults.set(
        Rule(operation="ACCEPT *", latency_ms=100),
    )
    load = Load(mixed, "mixed")
    load.mixed(30)
    delayed = [
        mixed.client.enqueue(SyncUser(user=f"delayed-{number}"), delay=timedelta(seconds=2)) for number in range(10)
    ]

    for round_ in range(2):
        for host in hosts:
            load.wait_until_some_ended(8 * (2 * round_ + hosts.index(host) + 1))
            _kill_its_worker(host)

    ledger = load.ledger(timeout=120)
    assert ledger.is_clean, ledger
    assert ledger.done + len(ledger.unknown) == 90
    assert len(ledger.unknown) <= 4 * 4  # the threads of the four processes that were killed
    for job in delayed:
        assert mixed.client.result(job.job_id, timeout=timedelta(seconds=30))["state"] == "enabled"
    created = [entry["name"] for entry in mixed.jellyfin.record.entries("user_created")]
    assert len(created) == len(set(created)) == 40
    wait_until(lambda: set(mixed.dead_letters()) == set(ledger.unknown), description="the dead letters", timeout=20)
    assert all(host.metric("leeward_deliveries_total", outcome="done") > 0 for host in hosts), "both have worked"
    _nothing_is_left(valkey)


def test_what_one_release_leaves_the_other_ends(mixed: Fleet, one_after_the_other: tuple[Program, Program]) -> None:
    """A job that is to be retried, one whose effect had begun, and dead letters that never reached PostgreSQL."""
    first, second = one_after_the_other
    mixed.jellyfin.faults.set(
        Rule(operation="POST /Users/New", effect=Effect.STATUS, status=403, body="Administrators cannot be disabled.")
    )
    mixed.mail.faults.set(Rule(operation="ACCEPT *", effect=Effect.HANG, stage=Stage.AFTER))
    host = mixed.start_host(first, processes="1", database_url="postgresql://nobody:x@127.0.0.1:9/nowhere")
    refused = [mixed.client.enqueue(SyncUser(user=f"refused-{number}")) for number in range(12)]
    begun = mixed.client.enqueue(SendEmail(to=("alice@example.org",), subject="Taken, not told", text="Hello"))
    for job in refused:
        mixed.wait_for(job.job_id, JobState.DEAD, timeout=60)
    mixed.jellyfin.faults.set(Rule(operation="POST /Users/New", effect=Effect.STATUS, status=500, body=BROKEN))
    tried = mixed.client.enqueue(SyncUser(user="alice"), idempotency_key="invite-1")
    wait_until(lambda: mixed.client.status(tried.job_id).attempts >= 1, description="a failed attempt", timeout=30)
    wait_until(lambda: _mails(mixed) == 1, description="the relay to have taken the mail", timeout=30)
    host.kill_whole()
    assert mixed.dead_letters() == {}
    mixed.jellyfin.faults.reset()
    mixed.mail.faults.reset()

    other = mixed.start_host(second, processes="1").wait_until_ready()

    mixed.wait_for(tried.job_id, JobState.DONE, timeout=60)
    assert mixed.client.enqueue(SyncUser(user="alice"), idempotency_key="invite-1").duplicate
    assert [entry["name"] for entry in mixed.jellyfin.record.entries("user_created")] == ["alice"]
    assert mixed.wait_for(begun.job_id, JobState.DEAD, timeout=60).reason == "unknown_outcome"
    assert _mails(mixed) == 1
    expected = {job.job_id: "permanent" for job in refused} | {begun.job_id: "unknown_outcome"}
    wait_until(lambda: mixed.dead_letters() == expected, description="every letter, once", timeout=30)
    wait_until(
        lambda: other.metric("leeward_deliveries_total", outcome="done") == 1, description="its count", timeout=20
    )


def _kill_its_worker(host: Host) -> None:
    """As the kernel kills for memory. The host starts a new one."""
    (victim,) = wait_until(lambda: found if len(found := host.workers()) == 1 else None, description="one worker")
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: host.workers() not in ([], [victim]), description="a new worker", timeout=30)


def _mails(fleet: Fleet) -> int:
    return len(fleet.mail.record.entries("mail_accepted"))


def _nothing_is_left(client: "redis.Redis") -> None:
    """No job waits, runs, or is known in any of its provider's structures."""

    def left() -> list[str]:
        hashes = [
            key for name in ("jobs", "places", "deliveries", "suspects") for key in client.keys(f"leeward:*:{name}")
        ]
        sets = [key for name in ("leases", "scheduled") for key in client.keys(f"leeward:*:{name}")]
        known = [text(name) for key in hashes for name in client.hkeys(text(key)) if name != b""]
        return known + [text(name) for key in sets for name in client.zrange(text(key), 0, -1)]

    wait_until(lambda: left() == [], description="nothing to be left", timeout=20)
