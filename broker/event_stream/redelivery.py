"""Events that a handler receives again: each is a new job, with the event and its id as they were."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import redis
from dramatiq import Message

from broker.event_stream.history import SourcedEvent
from broker.event_stream.subscription import event_arguments
from leeward.jobs.queue_name import provider_of
from leeward.wire.entry import entry_of, submit

BUDGET = timedelta(days=1)
"""A handler's job that has waited for longer is of no use, as of every actor without a budget of its own."""


def redeliver(client: redis.Redis, handler: str, queue: str, events: Sequence[SourcedEvent], *, key: str) -> int:
    """Adds a job for each event; returns how many were added.

    Args:
        client: answers in bytes.
        handler: the actor.
        queue: where its jobs go.
        events: in the order in which it is to have them.
        key: of this replay: with the same one nothing is added twice.

    Raises:
        Unavailable: Valkey could not be reached; the same call with the same key is safe.
    """
    seconds, microseconds = client.time()
    now_ms = int(seconds) * 1000 + int(microseconds) // 1000
    entries = [entry_of(_message(handler, queue, one, key, now_ms)) for one in events]
    refusals = submit(client, provider_of(queue), entries, repeated=True)
    return len(entries) - len(refusals)


def _message(handler: str, queue: str, one: SourcedEvent, key: str, now_ms: int) -> "Message[Any]":
    return Message(
        queue_name=queue,
        actor_name=handler,
        args=(),
        kwargs=event_arguments(one.source, one.event),
        options={**one.event.inherited, "deadline": now_ms + BUDGET // timedelta(milliseconds=1)},
        message_id=hashlib.sha256(f"{handler} {one.id} {key}".encode()).hexdigest()[:32],
        message_timestamp=now_ms,
    )
