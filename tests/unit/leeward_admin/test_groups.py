from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broker.fleet.health_record import Finding
from broker.guards.config import Mode
from broker.guards.store import GuardState
from leeward_admin.groups import takes_jobs
from tests.support.guard_states import CLOSED

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def finding(*, healthy: bool) -> Finding:
    return Finding(healthy=healthy, detail="", latency=timedelta(0), at=NOW, since=NOW)


@pytest.mark.parametrize(
    ("state", "health", "expected"),
    [
        (CLOSED, None, True),
        (CLOSED, finding(healthy=True), True),
        (CLOSED, finding(healthy=False), False),
        (replace(CLOSED, state="open"), None, False),
        (replace(CLOSED, state="half_open"), finding(healthy=True), False),
        (replace(CLOSED, state="open", mode=Mode.OBSERVE), None, True),
        (replace(CLOSED, state="open", mode=Mode.FORCED_CLOSED), None, True),
        (replace(CLOSED, mode=Mode.FORCED_OPEN), finding(healthy=True), False),
        (replace(CLOSED, held_until=NOW + timedelta(seconds=1)), finding(healthy=True), False),
    ],
)
def test_a_provider_takes_jobs_when_its_door_is_open_and_nobody_found_it_ill(
    state: GuardState, health: Finding | None, expected: bool
) -> None:
    assert takes_jobs(state, health, NOW) is expected
