"""Which handlers there are, and since when."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import redis

from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

KEPT = timedelta(days=7)
"""A handler that no scheduler has had for so long is forgotten. One that comes back earlier receives what happened meanwhile."""

_register = Script("broker.event_stream", "register.lua")
_trim = Script("broker.event_stream", "trim.lua")


class Registered(NamedTuple):
    """Attributes:
    since_ms: handler -> since when it is known, server ms.
    forgotten: handlers whose cursors were deleted now.
    """

    since_ms: dict[str, int]
    forgotten: list[str]


def register(
    client: redis.Redis, provider: str, handlers: Sequence[str], *, now_ms: int | None = None, kept: timedelta = KEPT
) -> Registered:
    """Says that these handlers, whose jobs go to a provider's queues, are there; forgets those that have not been for `kept`.

    Raises:
        redis.RedisError: Valkey cannot be asked.
    """
    given = "" if now_ms is None else now_ms
    arguments = [given, kept // timedelta(milliseconds=1), *handlers]
    since, forgotten = _register(client, ProviderKeys(provider).root, arguments)
    return Registered(dict(zip(handlers, map(int, since), strict=True)), [name.decode() for name in forgotten])


def forget_events(client: redis.Redis, source: str, *, older_than: timedelta, now_ms: int | None = None) -> int:
    """Removes what is older from a stream; a whole block of it at a time, so that a few older ones may stay. Returns how many it removed.

    Raises:
        redis.RedisError: Valkey cannot be asked.
    """
    given = "" if now_ms is None else now_ms
    return int(_trim(client, ProviderKeys(source).root, [given, older_than // timedelta(milliseconds=1)]))
