"""What `leeward job why` says about permits."""

from datetime import UTC, datetime
from typing import Any

from broker.guards.config import GuardConfig, Mode
from broker.guards.store import GuardState
from leeward.status import JobState, JobStatus
from workers.waiting_reason import reasons

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def why(**changes: Any) -> list[str]:
    """Of a job that waits in its lane."""
    guards: dict[str, Any] = {
        "provider": "jellyfin",
        "config": GuardConfig(limit=50, adaptive=True),
        "overrides": {},
        "mode": Mode.AUTO,
        "state": "closed",
        "limit": 50,
        "limit_because": "",
        "in_use": 0,
        "probes": 0,
        "sick": {},
        "actors": {},
    }
    absent = dict.fromkeys(("until", "mode_until", "since", "held_until"), None) | {"cause": "", "held_because": ""}
    status = JobStatus(job_id="a", provider="jellyfin", state=JobState.READY, queue="sync.jellyfin")
    found = reasons(status, GuardState(**(absent | guards | changes)), paused=False, ahead=0, now=NOW)
    return [reason.text for reason in found if reason.guard == "bulkhead"]


def test_a_full_limit_as_configured_names_its_permits() -> None:
    assert why(in_use=50) == ["50 of 50 permits are in use"]


def test_a_limit_that_has_come_down_says_why() -> None:
    told = why(limit=6, in_use=6, limit_because="calls took 152 ms, more than 2 times the unhurried 61 ms")

    assert told == [
        "6 of 6 permits are in use; there may be 50, less now: calls took 152 ms, more than 2 times the unhurried 61 ms"
    ]


def test_free_permits_hold_nobody() -> None:
    assert why(limit=6, in_use=5) == []
    assert why(limit=0, in_use=500, config=GuardConfig()) == []
