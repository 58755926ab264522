"""When a periodic actor's heartbeat says up, and when down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from actors.monitors.heartbeats import heartbeat_of
from broker.periodic.plan import Plan
from broker.periodic.plans import Pause, PlanState
from broker.periodic.schedule import Every
from leeward.status import JobState

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATE_AFTER = timedelta(minutes=15)
PLAN = Plan("expire.accounts", "expiry", Every(timedelta(hours=1)), timedelta(hours=24))
DONE = PlanState(
    plan=PLAN,
    paused=None,
    sent_at=NOON,
    sent_until=NOON,
    job_id="j",
    outcome=JobState.DONE,
    reason=None,
    ended_at=NOON + MINUTE,
    looked_at=NOON + MINUTE,
)


def beat(state: PlanState | None, now: datetime, *, runs: bool = False) -> tuple[bool, str]:
    found = heartbeat_of(state, now=now, late_after=LATE_AFTER, is_running=lambda job_id: runs and job_id == "j")
    return found.is_up, found.message


def test_one_that_ran_when_it_was_due_is_up() -> None:
    assert beat(DONE, NOON + 2 * MINUTE) == (True, "done at 2026-12-01 12:01 UTC")
    assert beat(DONE, NOON + 75 * MINUTE)[0]


def test_one_that_has_not_run_since_is_down() -> None:
    assert beat(DONE, NOON + 76 * MINUTE) == (False, "due since 2026-12-01 13:00 UTC, and has not run")


def test_one_that_runs_is_not_late_however_long_it_takes() -> None:
    long_ago = replace(DONE, sent_at=NOON + 60 * MINUTE)

    assert beat(long_ago, NOON + 5 * 60 * MINUTE, runs=True) == (True, "runs now")
    assert not beat(long_ago, NOON + 5 * 60 * MINUTE, runs=False)[0]


@pytest.mark.parametrize("outcome", [JobState.DEAD, JobState.CANCELLED])
def test_one_whose_latest_tick_failed_is_down(outcome: JobState) -> None:
    state = replace(DONE, outcome=outcome, reason="exhausted")

    assert beat(state, NOON + 2 * MINUTE) == (False, f"its latest tick is {outcome} (exhausted)")


def test_one_that_is_paused_is_down_and_says_who_paused_it() -> None:
    state = replace(DONE, paused=Pause(NOON, "ana", "migration"))

    assert beat(state, NOON + 2 * MINUTE) == (False, "paused by ana: migration")


def test_one_that_has_just_been_declared_is_up_until_it_is_late() -> None:
    new = replace(DONE, sent_at=None, job_id="", outcome=None, ended_at=None, sent_until=NOON)

    assert beat(new, NOON + 2 * MINUTE) == (True, "not yet due")
    assert not beat(new, NOON + 76 * MINUTE)[0]
    assert beat(replace(new, sent_until=None), NOON) == (True, "not yet due")


def test_one_that_no_scheduler_knows_is_down() -> None:
    assert beat(None, NOON) == (False, "no scheduler knows a periodic actor of this name")
