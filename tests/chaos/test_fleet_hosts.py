"""Two hosts side by side, of which one dies: whole, as when its machine goes down, or its first process alone."""

import signal
from pathlib import Path

import pytest

from simulators.faults import Rule
from tests.support.fleets.fleet import fleet_at
from tests.support.fleets.fleet_load import Load
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos


def test_another_host_does_the_work_of_one_that_dies(tmp_path: Path, valkey_url: str, database_url: str) -> None:
    with fleet_at(tmp_path, valkey_url=valkey_url, database_url=database_url) as fleet:
        dying, staying = [fleet.start_host(processes="1") for _ in range(2)]
        for host in (dying, staying):
            host.wait_until_ready()
        fleet.jellyfin.faults.set(Rule(latency_ms=100))
        fleet.mail.faults.set(Rule(operation="ACCEPT *", latency_ms=100))
        load = Load(fleet, "whole")
        load.mixed(20)
        load.wait_until_some_ended(6)

        dying.kill_whole()

        ledger = load.ledger()
        assert ledger.is_clean, ledger
        assert ledger.done + len(ledger.unknown) == 60
        assert len(ledger.unknown) <= 4  # the threads of the host that died
        assert staying.metric("leeward_leases_reclaimed_total") >= 1
        wait_until(lambda: set(fleet.dead_letters()) == set(ledger.unknown), description="the dead letters", timeout=20)


def test_processes_whose_host_is_killed_finish_their_jobs_and_end(
    tmp_path: Path, valkey_url: str, database_url: str
) -> None:
    with fleet_at(tmp_path, valkey_url=valkey_url, database_url=database_url) as fleet:
        host = fleet.start_host().wait_until_ready()
        orphans = host.workers()
        fleet.jellyfin.faults.set(Rule(latency_ms=300))
        fleet.mail.faults.set(Rule(operation="ACCEPT *", latency_ms=300))
        load = Load(fleet, "orphans")
        load.sync(range(12))
        load.mail(range(12))
        load.wait_until_some_ended(2)

        host.process.send(signal.SIGKILL)

        wait_until(lambda: not any(map(is_alive, orphans)), description="the processes to end", timeout=20)
        fleet.start_host(processes="1").wait_until_ready()
        ledger = load.ledger()
        assert ledger.is_clean, ledger
        assert ledger.unknown == []  # what they had begun they finished
        assert ledger.done == 24
