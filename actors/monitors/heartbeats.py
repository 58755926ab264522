"""How a periodic actor does, as one heartbeat. A rule: time is an argument."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.periodic.plans import PlanState
from leeward.status import JobState


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Whether the actor does what it should, and why, in a few words for people."""

    is_up: bool
    message: str


def heartbeat_of(
    state: PlanState | None, *, now: datetime, late_after: timedelta, is_running: Callable[[str], bool]
) -> Heartbeat:
    """Down is an actor that is paused, whose latest tick ended without success, or that has not run within `late_after` of when it was due.

    Args:
        state: what is known of it; None where no scheduler has published it.
        now: the server's clock.
        late_after: how late it may be. A tick that runs is not late.
        is_running: whether a job runs at this moment; asked only of a late one.
    """
    if state is None:
        return Heartbeat(is_up=False, message="no scheduler knows a periodic actor of this name")
    if trouble := _trouble(state):
        return Heartbeat(is_up=False, message=trouble)
    due = _due(state)
    if due is not None and now - due > late_after:
        if state.job_id and is_running(state.job_id):
            return Heartbeat(is_up=True, message="runs now")
        return Heartbeat(is_up=False, message=f"due since {_shown(due)}, and has not run")
    done = "not yet due" if state.ended_at is None else f"done at {_shown(state.ended_at)}"
    return Heartbeat(is_up=True, message=done)


def _trouble(state: PlanState) -> str:
    if state.paused is not None:
        return f"paused by {state.paused.by}: {state.paused.why}"
    if state.outcome in {JobState.DEAD, JobState.CANCELLED}:
        return f"its latest tick is {state.outcome}" + (f" ({state.reason})" if state.reason else "")
    return ""


def _due(state: PlanState) -> datetime | None:
    """The first instant that it has not run for."""
    since = state.ended_at or state.sent_at or state.sent_until
    return None if since is None else state.plan.schedule.after(since)


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
