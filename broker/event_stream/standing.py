"""How far the handlers have come, for metrics."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import redis

from broker.event_stream.stream import Cursor
from leeward.wire.keys import ProviderKeys


class Standing(NamedTuple):
    """One handler.

    Attributes:
        waiting: events in the streams that it has not received, of any type; one that is new to it counts all of them.
        lost: events that were trimmed before it received them.
    """

    handler: str
    waiting: int
    lost: int


def standings(client: redis.Redis, providers: Iterable[str]) -> list[Standing]:
    """Of all handlers whose jobs go to these providers.

    Raises:
        redis.RedisError: Valkey cannot be asked.
    """
    pipeline, names = client.pipeline(transaction=False), sorted(providers)
    for name in names:
        pipeline.hgetall(ProviderKeys(name).event_cursors)
        pipeline.hgetall(ProviderKeys(name).root + "event_losses")
    answers = [_decoded(answer) for answer in pipeline.execute()]
    cursors = {field: text for answer in answers[::2] for field, text in answer.items()}
    lost = {handler: int(count) for answer in answers[1::2] for handler, count in answer.items()}
    waiting = _waiting(client, {field: Cursor.parsed(text) for field, text in cursors.items() if " " in field})
    handlers = sorted(field for field in cursors if " " not in field)
    return [Standing(handler, waiting[handler], lost.get(handler, 0)) for handler in handlers]


def _waiting(client: redis.Redis, cursors: dict[str, Cursor]) -> Counter[str]:
    added = _added(client, sorted({field.partition(" ")[2] for field in cursors}))
    waiting = Counter[str]()
    for field, cursor in cursors.items():
        handler, _, source = field.partition(" ")
        waiting[handler] += max(0, added[source] - (cursor.number or 0))
    return waiting


def _added(client: redis.Redis, sources: list[str]) -> dict[str, int]:
    """How many events there have been in each stream."""
    pipeline = client.pipeline(transaction=False)
    for source in sources:
        pipeline.xinfo_stream(ProviderKeys(source).event_stream)
    found: list[Any] = pipeline.execute(raise_on_error=False)
    return {
        source: info["entries-added"] if isinstance(info, dict) else 0
        for source, info in zip(sources, found, strict=True)
    }


def _decoded(answer: dict[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in answer.items()}
