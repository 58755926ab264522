"""Ticks of periodic actors on their way into the fleet: each instant once, at most one job per actor waiting."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import redis
from dramatiq import Actor, Message
from dramatiq.errors import ConnectionClosed

from broker.broker import LeewardBroker
from broker.periodic.plan import Plan
from leeward.jobs.queue_name import provider_of
from leeward.wire.entry import entry_of
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

TICK = "tick"
"""The message option that names a tick's instant, in UTC."""

AWAY = (redis.RedisError, ConnectionClosed)
"""What a scheduler waits out."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_last_tick = Script("broker.scripts", "last_tick.lua")
_tick = Script("broker.scripts", "tick.lua")


class Sent(StrEnum):
    """What became of a tick."""

    ADDED = "added"
    MERGED = "merged"
    """The job of an earlier tick still waits, and runs for both."""
    KNOWN = "known"
    """Another scheduler was first."""
    CHANGED = "changed"
    """Another scheduler has sent an earlier one meanwhile: look again."""


@dataclass(frozen=True, slots=True)
class LastTick:
    """How far an actor's ticks have been sent.

    Attributes:
        now: the server's clock.
        at: the latest instant that was sent, or since when the actor is known.
        job_id: the job it became; empty for none.
    """

    now: datetime
    at: datetime
    job_id: str


def tick_name(instant: datetime, *, fine: bool = False) -> str:
    """How a tick is called: by its minute in UTC, or by its second where the schedule is that fine."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if fine else f"{instant.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def last_tick(
    client: redis.Redis,
    queue: str,
    actor: str,
    *,
    begins_with: str = "",
    now: datetime | None = None,
    is_scheduler: bool = False,
) -> LastTick:
    """How far an actor's ticks have been sent.

    Args:
        client: where to ask.
        queue: the actor's.
        actor: its name.
        begins_with: its schedule, for a scheduler that starts: where it is another one, the actor's ticks begin now.
        now: the time; the server's clock when absent.
        is_scheduler: it looks whether a tick is due: of an actor that is paused, none is.

    Raises:
        redis.RedisError: Valkey cannot be asked.
    """
    given = "" if now is None else _ms(now)
    arguments = [given, actor, begins_with, "1" if is_scheduler else ""]
    server_ms, at, job_id = _last_tick(client, _root(queue), arguments)
    return LastTick(_instant(server_ms), _instant(at), job_id.decode())


def send_tick(broker: LeewardBroker, message: "Message[Any]", instant: datetime, last: LastTick) -> Sent:
    """Sends the tick of an instant, through the rings as any message.

    Args:
        broker: where to.
        message: the actor's, with a fresh id.
        instant: the tick's.
        last: what `last_tick` said.

    Raises:
        redis.RedisError: Valkey cannot be asked; sending it again is safe.
    """
    broker.emit_before("enqueue", message, None)
    sent = _send(broker.client, message, instant, last)
    if sent is Sent.ADDED:
        broker.emit_after("enqueue", message, None)
    return sent


def send_now(client: redis.Redis, plan: Plan) -> Sent:
    """Sends a tick of now, in the way of every other: while the job of an earlier one waits it is merged into that.

    Raises:
        redis.RedisError: Valkey cannot be asked; sending it again is safe.
    """
    sent = Sent.CHANGED
    while sent is Sent.CHANGED:
        last = last_tick(client, plan.queue, plan.actor)
        instant = max(last.now, last.at + _MILLISECOND)  # later than what was sent, also in the millisecond of a pause
        options = {TICK: tick_name(instant, fine=True), "deadline": _ms(instant + plan.catch_up)}
        message: Message[Any] = Message(
            queue_name=plan.queue, actor_name=plan.actor, args=(), kwargs={}, options=options
        )
        sent = _send(client, message.copy(message_timestamp=_ms(last.now)), instant, last)
    return sent


def _send(client: redis.Redis, message: "Message[Any]", instant: datetime, last: LastTick) -> Sent:
    new = entry_of(message)
    merged = entry_of(message.copy(message_id=last.job_id)).message if last.job_id else b""
    arguments = ["", message.actor_name, _ms(instant), last.job_id, merged, new.place, new.job_id, new.message]
    return Sent(_tick(client, _root(message.queue_name), arguments).decode())


def tick_message(
    actor: "Actor[..., Any]", instant: datetime, *, fine: bool, catch_up: timedelta, now: datetime
) -> "Message[Any]":
    """The message of a tick, on the server's clock: not worth running any more when its catch-up span is over."""
    options: dict[str, Any] = {TICK: tick_name(instant, fine=fine), "deadline": _ms(instant + catch_up)}
    message = actor.message_with_options(**options)
    return message.copy(message_timestamp=_ms(now))


def _root(queue: str) -> str:
    return ProviderKeys(provider_of(queue)).root


def _ms(instant: datetime) -> int:
    return (instant - _EPOCH) // _MILLISECOND


def _instant(ms: int) -> datetime:
    return _EPOCH + ms * _MILLISECOND
