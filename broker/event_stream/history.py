"""What streams still hold, for people and for replays. Reading takes nothing away."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import redis

from broker.event_stream.stream import StreamEvent, stream_event
from leeward.wire.keys import ProviderKeys

PAGE = 500


class SourcedEvent(NamedTuple):
    """Attributes:
    source: the provider that it comes from, or `fleet`.
    event: what happened.
    """

    source: str
    event: StreamEvent

    @property
    def id(self) -> str:
        """Unique in the fleet; a handler has it as `event.id`."""
        return f"{self.source}:{self.event.id}"


def newest_first(client: redis.Redis, source: str, *, since_ms: int = 0) -> Iterator[SourcedEvent]:
    """The events of a stream, page by page as they are taken.

    Args:
        client: answers in bytes.
        source: the provider.
        since_ms: none that was added earlier, server ms.

    Raises:
        redis.RedisError: Valkey cannot be asked.
    """
    key, end = ProviderKeys(source).event_stream, "+"
    yield from _pages(lambda last: client.xrevrange(key, f"({last}" if last else end, since_ms, count=PAGE), source)


def oldest_first(client: redis.Redis, source: str, *, after: str = "", since_ms: int = 0) -> Iterator[SourcedEvent]:
    """The same in the order in which they happened.

    Args:
        client: answers in bytes.
        source: the provider.
        after: the id of an event of this stream: those that came later.
        since_ms: none that was added earlier, server ms.

    Raises:
        redis.RedisError: Valkey cannot be asked.
    """
    key = ProviderKeys(source).event_stream
    begin = f"({after}" if after else str(since_ms)
    yield from _pages(lambda last: client.xrange(key, f"({last}" if last else begin, "+", count=PAGE), source)


def latest(
    client: redis.Redis, sources: list[str], *, wanted: Callable[[str], bool], since_ms: int, count: int
) -> list[SourcedEvent]:
    """The latest events of several streams whose type is wanted, in their order.

    Raises:
        redis.RedisError: Valkey cannot be asked.
    """
    found = [
        one
        for source in sources
        for one in islice(
            (one for one in newest_first(client, source, since_ms=since_ms) if wanted(one.event.name)), count
        )
    ]
    return sorted(found, key=in_order)[-count:]


def in_order(one: SourcedEvent) -> tuple[int, int, str]:
    """By when they were added; events of different streams have no common order within a millisecond."""
    ms, _, number = one.event.id.partition("-")
    return int(ms), int(number or 0), one.source


def _pages(read: Callable[[str], Any], source: str) -> Iterator[SourcedEvent]:
    last = ""
    while page := read(last):
        for id_, fields in page:
            last = id_.decode()
            yield SourcedEvent(source, stream_event(last, [part for pair in fields.items() for part in pair]))
        if len(page) < PAGE:
            return
