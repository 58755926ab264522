"""One handler's way through the streams: each event that it is for becomes a job."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import redis
from dramatiq import Message

from broker.broker import LeewardBroker
from broker.event_stream.stream import BATCH, Batch, Cursor, EventStream, StreamEvent
from leeward.extension.events.pattern import matches
from leeward.jobs.queue_name import provider_of
from leeward.wire.entry import entry_of
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

WAITING_AT_MOST = 1_000
"""Jobs in a handler's lane: what is more stays in the stream, which is bounded."""

_deliver = Script("broker.event_stream", "deliver.lua")


class Delivered(NamedTuple):
    """What one call of `Subscription.deliver` did.

    Attributes:
        jobs: how many it added.
        lost: events that were trimmed before this handler had them.
        is_full: as many of its jobs wait as may: the rest stays in the stream.
        is_over: nothing more can be delivered from this stream now.
    """

    jobs: int = 0
    lost: int = 0
    is_full: bool = False
    is_over: bool = True


class _Reply(StrEnum):
    MOVED = "moved"
    FULL = "full"
    CHANGED = "changed"


@dataclass(slots=True)
class Subscription:
    """A handler. For one thread; any number of processes may have the same one.

    Attributes:
        handler: its name, which is its actor's.
        event: the types of events that it is for, as `@on` names them.
        queue: where its jobs go.
        since_ms: since when it is known: what was earlier is not for it.
    """

    handler: str
    event: str
    queue: str
    since_ms: int = 0
    _cursors: dict[str, str] = field(default_factory=dict)
    """Provider -> its cursor as it was last seen, '' for none."""

    @property
    def provider(self) -> str:
        """Whose queue its jobs go to, and where its cursors are."""
        return provider_of(self.queue)

    def is_behind(self, provider: str, last_id: str) -> bool:
        """Whether a provider's stream may hold something for it. True where that is not known."""
        known = self._cursors.get(provider)
        return known is None or self._cursor(known).is_behind(last_id)

    def deliver(self, broker: LeewardBroker, stream: EventStream, *, now_ms: int) -> Delivered:
        """Makes the next events of a stream jobs, a batch at most, through the rings as any message.

        Raises:
            redis.RedisError: Valkey cannot be asked; delivering again is safe.
        """
        known = self._cursors.get(stream.provider)
        if known is None:
            known = self._cursors[stream.provider] = self._kept(broker.client, stream.provider)
        batch = stream.after(self._cursor(known))
        if not batch.events and not batch.lost:
            return Delivered()
        jobs = [
            self._message(stream.provider, event, now_ms) for event in batch.events if matches(self.event, event.name)
        ]
        reply = self._move(broker, stream.provider, known, batch, jobs)
        if reply is not _Reply.MOVED:
            return Delivered(is_full=reply is _Reply.FULL, is_over=reply is _Reply.FULL)
        for message in jobs:
            broker.emit_after("enqueue", message, None)
        return Delivered(len(jobs), batch.lost, is_over=len(batch.events) < BATCH)

    def _kept(self, client: redis.Redis, provider: str) -> str:
        found = client.hget(ProviderKeys(self.provider).event_cursors, f"{self.handler} {provider}")
        return found.decode() if isinstance(found, bytes) else ""

    def _move(
        self, broker: LeewardBroker, provider: str, known: str, batch: Batch, jobs: "list[Message[Any]]"
    ) -> _Reply:
        arguments: list[Any] = [self.handler, provider, known, str(batch.cursor), batch.lost, WAITING_AT_MOST]
        for message in jobs:
            broker.emit_before("enqueue", message, None)
            entry = entry_of(message)
            arguments += [entry.place, entry.job_id, entry.message]
        reply, cursor = _deliver(broker.client, ProviderKeys(self.provider).root, arguments)
        self._cursors[provider] = cursor.decode()
        return _Reply(reply.decode())

    def _message(self, provider: str, event: StreamEvent, now_ms: int) -> "Message[Any]":
        id_ = f"{provider}:{event.id}"
        return Message(
            queue_name=self.queue,
            actor_name=self.handler,
            args=(),
            kwargs=event_arguments(provider, event),
            options=dict(event.inherited),
            # The same event is the same job, should a cursor be lost in a failover.
            message_id=hashlib.sha256(f"{self.handler} {id_}".encode()).hexdigest()[:32],
            message_timestamp=now_ms,
        )

    def _cursor(self, text: str) -> Cursor:
        return Cursor.parsed(text) if text else Cursor.at(self.since_ms)


def event_arguments(provider: str, event: StreamEvent) -> dict[str, Any]:
    """What the actor of a handler is called with."""
    id_ = f"{provider}:{event.id}"
    return {"event": {"id": id_, "name": event.name, "at_ms": _ms(event.at), "data": event.data}}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
