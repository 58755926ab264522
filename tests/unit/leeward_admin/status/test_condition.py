"""One word says how a provider is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker.guards.config import Mode
from leeward_admin import Condition, condition_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WELL: dict[str, Any] = {"enabled": True, "mode": Mode.AUTO, "state": "closed", "held_until": None, "healthy": True}


@pytest.mark.parametrize(
    ("facts", "condition"),
    [
        ({}, Condition.WORKING),
        ({"healthy": None}, Condition.WORKING),
        ({"healthy": False}, Condition.UNREACHABLE),
        ({"state": "open", "healthy": False}, Condition.CIRCUIT_OPEN),
        ({"state": "half_open"}, Condition.PROBING),
        ({"mode": Mode.FORCED_OPEN}, Condition.PAUSED),
        ({"mode": Mode.FORCED_CLOSED, "state": "open"}, Condition.FORCED),
        ({"mode": Mode.OBSERVE, "state": "open"}, Condition.OBSERVED),
        ({"held_until": NOW + timedelta(seconds=1), "state": "open"}, Condition.HELD),
        ({"held_until": NOW - timedelta(seconds=1)}, Condition.WORKING),
        ({"enabled": False, "mode": Mode.FORCED_OPEN, "state": "open"}, Condition.DISABLED),
    ],
)
def test_the_decisive_fact_gives_the_word(facts: dict[str, Any], condition: Condition) -> None:
    assert condition_of(**WELL | facts, now=NOW) is condition


def test_jobs_wait_in_four_of_them() -> None:
    assert {one.value for one in Condition if one.stops_jobs} == {"disabled", "paused", "held", "circuit open"}


def test_only_an_observed_provider_is_explained_without_a_cause() -> None:
    assert [one for one in Condition if one.without_cause] == [Condition.OBSERVED]
