"""Valkey dies and comes back, and a reply of it is lost, while the fleet works."""

from pathlib import Path

import pytest

from simulators.faults import Rule
from tests.support.fleets.fleet import fleet_at
from tests.support.fleets.fleet_load import Load
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedValkey

pytestmark = pytest.mark.chaos


def test_a_valkey_killed_and_restarted_under_load_costs_nothing(
    tmp_path: Path, own_valkey: EmbeddedValkey, database_url: str
) -> None:
    with fleet_at(tmp_path, valkey_url=own_valkey.url, database_url=database_url) as fleet:
        host = fleet.start_host().wait_until_ready()
        fleet.jellyfin.faults.set(Rule(latency_ms=100))
        fleet.mail.faults.set(Rule(operation="ACCEPT *", latency_ms=100))
        before = Load(fleet, "before")
        before.mixed(20)
        workers = host.workers()
        before.wait_until_some_ended(8)

        own_valkey.kill()
        wait_until(lambda: host.metric("leeward_valkey_up") == 0, description="the host to notice", timeout=30)
        own_valkey.start()
        after = Load(fleet, "after")
        after.mixed(10)

        ledger, later = before.ledger(), after.ledger()
        assert ledger.is_clean, ledger
        assert later.is_clean, later
        assert ledger.done + len(ledger.unknown) + later.done + len(later.unknown) == 90
        parked = {*ledger.unknown, *later.unknown}
        wait_until(lambda: set(fleet.dead_letters()) == parked, description="the dead letters", timeout=20)
        assert host.workers() == workers  # nobody had to be started again
