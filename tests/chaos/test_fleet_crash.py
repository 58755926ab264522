"""Worker processes that die by SIGKILL while all three families run."""

import os
import signal
from pathlib import Path

import pytest

from leeward import JobState, SendEmail
from simulators.faults import Effect, Rule, Stage
from tests.support.fleets.fleet import Fleet, fleet_at
from tests.support.fleets.fleet_load import Load
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos

SLOW = Rule(latency_ms=150)


def test_a_worker_killed_under_load_loses_nothing_and_repeats_nothing(
    tmp_path: Path, valkey_url: str, database_url: str
) -> None:
    with fleet_at(tmp_path, valkey_url=valkey_url, database_url=database_url) as fleet:
        host = fleet.start_host().wait_until_ready()
        fleet.jellyfin.faults.set(SLOW)
        fleet.mail.faults.set(
            Rule(operation="ACCEPT victim@*", effect=Effect.HANG, stage=Stage.AFTER),
            Rule(operation="ACCEPT *", latency_ms=150),
        )
        victim = fleet.client.enqueue(SendEmail(to=("victim@example.org",), subject="Taken, not told", text="Hello"))
        wait_until(lambda: _copies(fleet, "victim@example.org"), description="the relay to have taken the mail")
        load = Load(fleet, "crash")
        load.mixed(24)
        load.wait_until_some_ended(8)
        killed = _worker_of(fleet, victim.job_id)
        os.kill(killed, signal.SIGKILL)

        ledger = load.ledger()

        assert ledger.is_clean, ledger
        assert ledger.done + len(ledger.unknown) == 72
        assert len(ledger.unknown) <= 3  # what the other threads of the one killed process had begun
        fleet.wait_for(victim.job_id, JobState.DEAD)
        assert _copies(fleet, "victim@example.org") == 1
        wait_until(lambda: len(fleet.dead_letters()) == 1 + len(ledger.unknown), description="the dead letters")
        assert fleet.dead_letters() == dict.fromkeys([victim.job_id, *ledger.unknown], "unknown_outcome")
        host.wait_until_ready()
        assert killed not in host.workers()
        assert len(host.workers()) == 2


def _worker_of(fleet: Fleet, job_id: str) -> int:
    worker = fleet.client.status(job_id).worker
    assert worker is not None
    return int(worker.rpartition(":")[2])


def _copies(fleet: Fleet, person: str) -> int:
    return sum(person in entry["recipients"] for entry in fleet.mail.record.entries("mail_accepted"))
