"""What is the matter with a provider, and what can be done."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker.guards.config import GuardConfig
from leeward.actions import EnableProvider, ProbeProvider, WaitFor
from leeward_admin import Mode, ProviderDiagnosis, diagnose
from tests.support.guard_states import CLOSED

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"cause": "2 probes in a row succeeded"}, ProviderDiagnosis("2 probes in a row succeeded")),
        (
            {"state": "open", "cause": "5 calls failed", "until": LATER},
            ProviderDiagnosis("5 calls failed", LATER, (WaitFor("jellyfin", LATER), ProbeProvider("jellyfin"))),
        ),
        (
            {"held_until": LATER, "held_because": "answered 429"},
            ProviderDiagnosis("answered 429", LATER, (WaitFor("jellyfin", LATER), ProbeProvider("jellyfin"))),
        ),
        ({"held_until": NOW, "held_because": "answered 429"}, None),
        (
            {"mode": Mode.FORCED_OPEN, "state": "open", "cause": "maintenance", "mode_until": LATER},
            ProviderDiagnosis("maintenance", LATER, (WaitFor("jellyfin", LATER),)),
        ),
        (
            {"mode": Mode.OBSERVE, "state": "open", "cause": "5 calls failed", "until": LATER},
            ProviderDiagnosis("5 calls failed"),
        ),
    ],
)
def test_a_provider_has_a_diagnosis(changes: dict[str, Any], expected: ProviderDiagnosis | None) -> None:
    assert diagnose(replace(CLOSED, **changes), now=NOW) == expected


def test_a_provider_that_is_switched_off_is_to_be_switched_on() -> None:
    found = diagnose(replace(CLOSED, config=GuardConfig(enabled=False), cause="5 calls failed"), now=NOW)

    assert found is not None
    assert found.text.startswith("switched off ")
    assert found.actions == (EnableProvider("jellyfin"),)
