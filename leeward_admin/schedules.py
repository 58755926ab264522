"""The periodic actors of a fleet, for people: when each runs, what became of its latest tick, and whether it is paused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

import redis

from broker.fleet.operator_events import note
from broker.fleet.queues import known_providers
from broker.periodic import plans
from broker.periodic.plans import Pause, PlanState
from broker.periodic.ticks import Sent, send_now
from leeward.actions import ListSchedules
from leeward.errors import Conflict, NotFound
from leeward.jobs.queue_name import provider_of
from leeward.status import JobState

__all__ = ["Pause", "PeriodicActor", "ScheduleServed", "Schedules", "Sent", "UnknownPeriodicActor"]

SILENT_AFTER = timedelta(minutes=1)
"""Schedulers look every ten seconds."""


class UnknownPeriodicActor(NotFound):
    """Raised when no scheduler has ever sent ticks of an actor.

    Attributes:
        actor: its name.
    """

    code = "periodic_actor_not_found"

    def __init__(self, actor: str, known: list[str]) -> None:
        close = get_close_matches(actor, known, n=1)
        hint = f": did you mean {close[0]}?" if close else ""
        super().__init__(f"there is no periodic actor {actor}{hint}", actions=() if close else (ListSchedules(),))
        self.actor = actor


class ScheduleServed(Conflict):
    """Raised when a periodic actor is to be forgotten that a scheduler still looks after.

    Attributes:
        actor: its name.
    """

    code = "schedule_served"

    def __init__(self, actor: str) -> None:
        super().__init__(
            f"a scheduler sends the ticks of {actor}: pause it, or remove its extension from the schedulers"
        )
        self.actor = actor


@dataclass(frozen=True, slots=True)
class PeriodicActor:
    """A periodic actor at one moment.

    Attributes:
        schedule: as it is written: cron fields, or `every 30s`.
        zone: whose local times a cron schedule means; empty for a period.
        next_at: when its next tick is due; None while it is paused, or where no scheduler looks.
        last_at: the instant of its latest tick that became a job.
        last_job: that job; empty for none.
        outcome: how the latest tick that ended did.
        reason: why it is dead.
        ended_at: when that was seen.
        paused: None for one that gets its ticks.
        has_scheduler: whether a scheduler looked at it in the last minute.
    """

    name: str
    queue: str
    schedule: str
    zone: str
    catch_up: timedelta
    next_at: datetime | None
    last_at: datetime | None
    last_job: str
    outcome: JobState | None
    reason: str | None
    ended_at: datetime | None
    paused: Pause | None
    has_scheduler: bool


class Schedules:
    """Looks at periodic actors and steers them, for the whole fleet. Thread-safe. Every change is an event that records who made it."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def list(self) -> Sequence[PeriodicActor]:
        """All that a scheduler has ever sent ticks of, by name."""
        now = datetime.now(UTC)
        return [_actor(state, now) for state in self._states()]

    def run(self, name: str, *, who: str) -> Sent:
        """Sends a tick now, also of one that is paused. It goes the way of every tick: while the job of an earlier one waits, both are one.

        Raises:
            UnknownPeriodicActor: there is no such actor.
        """
        state = self._state(name)
        sent = send_now(self._client, state.plan)
        self._note(state, "tick_sent", f"{name} was sent a tick by hand: {sent}", who)
        return sent

    def pause(self, name: str, *, who: str, why: str = "") -> PeriodicActor:
        """Sends no more ticks of it until `resume`; one that waits or runs is not stopped. Idempotent. Schedulers of older releases do not
        know it.

        Raises:
            UnknownPeriodicActor: there is no such actor.
        """
        state = self._state(name)
        if state.paused is None:
            plans.pause(self._client, state.plan, by=who, why=why)
            self._note(state, "schedule_paused", f"{name} gets no ticks{': ' + why if why else ''}", who)
        return _actor(self._state(name), datetime.now(UTC))

    def resume(self, name: str, *, who: str) -> PeriodicActor:
        """Sends its ticks from now on; those that were due meanwhile are not sent. Idempotent.

        Raises:
            UnknownPeriodicActor: there is no such actor.
        """
        state = self._state(name)
        if plans.resume(self._client, state.plan):
            self._note(state, "schedule_resumed", f"{name} gets its ticks again", who)
        return _actor(self._state(name), datetime.now(UTC))

    def forget(self, name: str, *, who: str) -> None:
        """Takes an actor off the list that no scheduler looks after any more.

        Raises:
            UnknownPeriodicActor: there is no such actor.
            ScheduleServed: a scheduler looked at it in the last minute.
        """
        state = self._state(name)
        if _has_scheduler(state, datetime.now(UTC)):
            raise ScheduleServed(name)
        plans.forget(self._client, state.plan)
        self._note(state, "schedule_forgotten", f"{name} is not listed any more", who)

    def _states(self) -> Sequence[PlanState]:
        return plans.plan_states(self._client, sorted(known_providers(self._client)))

    def _state(self, name: str) -> PlanState:
        states = {state.plan.actor: state for state in self._states()}
        if name not in states:
            raise UnknownPeriodicActor(name, sorted(states))
        return states[name]

    def _note(self, state: PlanState, event: str, cause: str, who: str) -> None:
        note(self._client, provider_of(state.plan.queue), event, cause, who)


def _has_scheduler(state: PlanState, now: datetime) -> bool:
    return state.looked_at is not None and now - state.looked_at < SILENT_AFTER


def _actor(state: PlanState, now: datetime) -> PeriodicActor:
    plan, runs = state.plan, state.paused is None and _has_scheduler(state, now)
    return PeriodicActor(
        name=plan.actor,
        queue=plan.queue,
        schedule=plan.text,
        zone=plan.zone,
        catch_up=plan.catch_up,
        next_at=plan.schedule.after(now) if runs else None,
        last_at=state.sent_at,
        last_job=state.job_id if state.sent_at else "",
        outcome=state.outcome,
        reason=state.reason,
        ended_at=state.ended_at,
        paused=state.paused,
        has_scheduler=_has_scheduler(state, now),
    )
