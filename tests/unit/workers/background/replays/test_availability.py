"""Which providers a replay gives jobs to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker.fleet.health_record import Finding
from broker.guards.config import Mode
from tests.support.guard_states import CLOSED
from workers.background.replays.availability import has_been_well, why_closed

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTES = timedelta(minutes=1)


def finding(*, healthy: bool = True, since: timedelta = 60 * MINUTES, at: timedelta = MINUTES) -> Finding:
    return Finding(healthy, "a probe", timedelta(), NOW - at, NOW - since)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"state": "open"}, "circuit of jellyfin is open"),
        ({"state": "half_open"}, "half-open"),
        ({"state": "open", "mode": Mode.FORCED_CLOSED}, None),
        ({"state": "open", "mode": Mode.OBSERVE}, None),
        ({"mode": Mode.FORCED_OPEN}, "maintenance"),
        ({"held_until": NOW + MINUTES}, "patience until 12:01:00Z"),
        ({"held_until": NOW - MINUTES}, None),
    ],
)
def test_a_door_is_closed_by_its_circuit_by_maintenance_and_by_a_hold(
    changes: dict[str, Any], said: str | None
) -> None:
    why = why_closed(replace(CLOSED, **changes), None, NOW)

    assert (why is None) if said is None else (said in str(why))


def test_a_door_is_closed_when_two_probes_in_a_row_found_its_provider_unhealthy() -> None:
    once = finding(healthy=False, since=MINUTES, at=MINUTES)
    twice = finding(healthy=False, since=2 * MINUTES, at=MINUTES)

    assert why_closed(CLOSED, once, NOW) is None
    assert "unhealthy twice" in str(why_closed(CLOSED, twice, NOW))
    assert why_closed(CLOSED, finding(), NOW) is None


@pytest.mark.parametrize(
    ("changes", "found", "well"),
    [
        ({}, finding(), True),
        ({}, None, False),
        ({}, finding(healthy=False), False),
        ({}, finding(since=9 * MINUTES), False),
        ({}, finding(at=30 * MINUTES), False),
        ({"since": NOW - 9 * MINUTES}, finding(), False),
        ({"since": NOW - 11 * MINUTES}, finding(), True),
        ({"state": "half_open"}, finding(), False),
        ({"state": "open", "mode": Mode.OBSERVE}, finding(), False),
    ],
)
def test_a_provider_has_been_well_when_both_its_probes_and_its_circuit_say_so_for_as_long(
    changes: dict[str, Any], found: Finding | None, well: bool
) -> None:
    assert has_been_well(replace(CLOSED, **changes), found, NOW, 10 * MINUTES) is well
