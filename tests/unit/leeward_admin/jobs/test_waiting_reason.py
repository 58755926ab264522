"""What `leeward job why` says about permits."""

from datetime import UTC, datetime
from typing import Any

from broker.fleet.suspects import Suspicion
from broker.guards.config import GuardConfig, Mode
from broker.guards.store import GuardState
from leeward.status import JobState, JobStatus
from leeward_admin.jobs.waiting_reason import reasons

SUSPECT = Suspicion(expiries=3, alone=0, company=2, waits_since=datetime(2026, 11, 25, tzinfo=UTC))
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def why(
    guard: str = "bulkhead", suspicion: Suspicion | None = None, job: JobState = JobState.READY, **changes: Any
) -> list[str]:
    """What one guard says of a job that waits."""
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
    absent: dict[str, Any] = {"cause": "", "held_because": ""}
    absent |= dict.fromkeys(("until", "mode_until", "since", "held_until"))
    status = JobStatus(job_id="a", provider="jellyfin", state=job, queue="sync.jellyfin")
    state = GuardState(**(absent | guards | changes))
    found = reasons(status, state, paused=False, ahead=0, now=NOW, suspicion=suspicion)
    return [reason.text for reason in found if reason.guard == guard]


def test_a_suspect_says_what_was_seen_and_what_it_waits_for() -> None:
    assert why("suspect", SUSPECT) == [
        (
            "it is a suspect: 3 workers in a row stopped while they had it. "
            "It waits for a worker process that holds no other job, to run with at most 1 other suspects beside it"
        )
    ]
    alone = Suspicion(expiries=4, alone=1, company=1, waits_since=NOW)
    assert why("suspect", alone) == [
        (
            "it is a suspect: 4 workers in a row stopped while they had it, 1 of them while it was alone in its process. "
            "It waits for a worker process that holds no other job, to run with nothing beside it"
        )
    ]
    assert why("turn", SUSPECT) == []


def test_a_suspect_that_waits_in_its_lane_waits_for_its_turn() -> None:
    in_lane = Suspicion(expiries=3, alone=0, company=2, waits_since=None)

    assert why("suspect", in_lane) == []
    assert why("turn", in_lane) == ["it is next"]


def test_a_full_limit_as_configured_names_its_permits() -> None:
    assert why(in_use=50) == ["50 of 50 permits are in use"]


def test_a_limit_that_has_come_down_says_why() -> None:
    told = why(limit=6, in_use=6, limit_because="calls took 152 ms, more than 2 times the baseline of 61 ms")

    assert told == [
        "6 of 6 permits are in use; there may be 50, less now: calls took 152 ms, more than 2 times the baseline of 61 ms"
    ]


def test_free_permits_hold_nobody() -> None:
    assert why(limit=6, in_use=5) == []
    assert why(limit=0, in_use=500, config=GuardConfig()) == []


def test_a_job_that_alone_speaks_against_its_provider_says_what_it_waits_for() -> None:
    def scheduled(**changes: Any) -> list[str]:
        return why("schedule", job=JobState.SCHEDULED, **changes)

    assert scheduled() == ["it is scheduled"]
    assert scheduled(denied=frozenset("b"), awaiting_look=frozenset("c")) == ["it is scheduled"]
    assert scheduled(awaiting_look=frozenset("a")) == [
        (
            "it is scheduled: its last attempt failed while no other job has called, and counts "
            "only once a health probe has found jellyfin well"
        )
    ]
    assert scheduled(denied=frozenset("a"), denied_because="AuthFailed: 401") == [
        "it is scheduled: only this job was refused, other jobs run: AuthFailed: 401"
    ]


def test_a_job_that_failed_as_a_probe_says_that_others_go_first() -> None:
    told = why("circuit", state="half_open", probed=frozenset("a"))

    assert told[-1] == "it has failed as a probe: other jobs probe before it, where there are any"


def test_a_provider_that_is_switched_off_holds_its_jobs_and_says_who_did_it() -> None:
    off = GuardConfig(enabled=False)

    assert why("disabled") == []
    assert why("disabled", config=off) == ["jellyfin is switched off in the configuration of the workers"]
    assert why("disabled", config=off, overrides={"enabled": "0"}, job=JobState.SCHEDULED) == [
        "jellyfin is switched off by an operator"
    ]


def test_a_job_that_failed_says_with_which_error() -> None:
    status = JobStatus(job_id="a", provider="jellyfin", state=JobState.SCHEDULED, queue="sync.jellyfin", attempts=2)
    guards = GuardState(
        provider="jellyfin",
        config=GuardConfig(),
        overrides={},
        mode=Mode.AUTO,
        state="closed",
        limit=0,
        limit_because="",
        in_use=0,
        probes=0,
        sick={},
        actors={},
        cause="",
        held_because="",
        until=None,
        mode_until=None,
        since=None,
        held_until=None,
    )

    (found,) = reasons(status, guards, paused=False, ahead=0, now=NOW, failed="JELLYFIN_TIMEOUT")

    assert found.text == "it is scheduled after 2 failed attempts, the latest with JELLYFIN_TIMEOUT"
