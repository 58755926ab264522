"""Sends the ticks of periodic actors when they are due, and late where that was not possible in time."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

import dramatiq
import structlog

from broker.broker import LeewardBroker
from broker.periodic.plan import Plan
from broker.periodic.plans import is_paused, publish
from broker.periodic.schedule import Schedule, schedule_of
from broker.periodic.ticks import AWAY, LastTick, Sent, last_tick, send_tick, tick_message, tick_name
from leeward.wire.keys import QUEUES
from middleware.ticks import catch_up_of, zone_of

LONGEST_LOOK = timedelta(seconds=10)
"""After this long the server's clock is asked again: it may have gone forward or back."""
AGAIN = timedelta(seconds=1)
"""After what could not be sent."""
ATTEMPTS = 3
_MILLISECOND = timedelta(milliseconds=1)

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Plan:
    """A periodic actor, and up to when nothing is to be sent for it, by our own monotonic clock."""

    actor: "dramatiq.Actor[..., Any]"
    schedule: Schedule
    catch_up: timedelta
    begun: bool = False
    quiet_until: float = 0.0
    complaint: str = field(default="")


class Ticker:
    """The ticks of some actors. What was sent is known by Valkey alone, and what time it is, too: a scheduler that starts, or whose Valkey
    could not be reached, sends the latest tick that was missed, if that is within the actor's `catch_up`, and any number of them send
    each once.

    Args:
        broker: where to.
        actors: periodic ones.
        zone: whose local times cron schedules mean, where an actor has no `schedule_zone` of its own.
        now: the time; the server's clock where it answers None.
        monotonic: this process's own clock, for the pauses between looks.

    Raises:
        ValueError: an actor's schedule is none.
    """

    def __init__(
        self,
        broker: LeewardBroker,
        actors: "Iterable[dramatiq.Actor[..., Any]]",
        *,
        zone: tzinfo,
        now: Callable[[], datetime | None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._broker = broker
        self._now = now
        self._monotonic = monotonic
        self._plans = [
            _Plan(
                actor, schedule_of(actor.options["periodic"], zone_of(actor.options, zone)), catch_up_of(actor.options)
            )
            for actor in actors
        ]

    @property
    def schedules(self) -> dict[str, str]:
        """Actor -> its schedule."""
        return {plan.actor.actor_name: plan.schedule.text for plan in self._plans}

    def look(self) -> timedelta:
        """Sends what is due; returns how long to wait before the next pass. An actor that fails does not delay others."""
        for plan in self._plans:
            if plan.quiet_until <= self._monotonic():
                plan.quiet_until = self._monotonic() + self._try(plan).total_seconds()
        next_at = min(
            (plan.quiet_until for plan in self._plans), default=self._monotonic() + LONGEST_LOOK.total_seconds()
        )
        return timedelta(seconds=max(0.0, next_at - self._monotonic()))

    def _try(self, plan: _Plan) -> timedelta:
        try:
            wait = self._send(plan)
        except Exception as error:  # any error: the next pass is the retry
            self._complain(plan, error)
            return AGAIN
        if plan.complaint:
            _log.info("ticks_sent_again", actor=plan.actor.actor_name)
            plan.complaint = ""
        return wait

    def _send(self, plan: _Plan) -> timedelta:
        for _ in range(ATTEMPTS):
            is_start = not plan.begun
            last = self._last(plan)
            due = plan.schedule.latest(last.at, last.now)
            if is_start and self._is_new(plan, last):
                due = last.at + _MILLISECOND
            if due is None or self._send_one(plan, due, last) is not Sent.CHANGED:
                return _until_next(plan.schedule, last.now)
        return AGAIN

    def _is_new(self, plan: _Plan, last: LastTick) -> bool:
        """Whether its first tick is due at once: this scheduler is the first that knows it with this schedule, and no person paused it."""
        actor = plan.actor
        is_wanted = bool(actor.options.get("at_start")) and last.at >= last.now
        return is_wanted and not is_paused(self._broker.client, actor.queue_name, actor.actor_name)

    def _last(self, plan: _Plan) -> LastTick:
        actor = plan.actor
        if not plan.begun:
            self._broker.client.sadd(QUEUES, actor.queue_name)
            publish(self._broker.client, Plan(actor.actor_name, actor.queue_name, plan.schedule, plan.catch_up))
        last = last_tick(
            self._broker.client,
            actor.queue_name,
            actor.actor_name,
            begins_with="" if plan.begun else plan.schedule.text,
            now=self._now(),
            is_scheduler=True,
        )
        plan.begun = True
        return last

    def _send_one(self, plan: _Plan, due: datetime, last: LastTick) -> Sent:
        name = plan.actor.actor_name
        fine, late = plan.schedule.fine, last.now - due
        if late > plan.catch_up:
            _log.warning(
                "tick_missed", actor=name, tick=tick_name(due, fine=fine), late_seconds=round(late.total_seconds())
            )
            return Sent.KNOWN
        message = tick_message(plan.actor, due, fine=fine, catch_up=plan.catch_up, now=last.now)
        sent = send_tick(self._broker, message, due, last)
        if sent in {Sent.ADDED, Sent.MERGED}:
            _log.debug("tick_sent", actor=name, tick=tick_name(due, fine=fine), how=sent.value)
        return sent

    def _complain(self, plan: _Plan, error: Exception) -> None:
        complaint = f"{type(error).__name__}: {error}"
        if complaint != plan.complaint:
            away = isinstance(error, AWAY)
            _log.warning(
                "ticks_wait_for_valkey" if away else "tick_not_sent", actor=plan.actor.actor_name, error=complaint
            )
            plan.complaint = complaint


def _until_next(schedule: Schedule, now: datetime) -> timedelta:
    due = schedule.after(now)
    return LONGEST_LOOK if due is None else min(due - now, LONGEST_LOOK)
