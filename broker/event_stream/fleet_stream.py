"""The stream of the fleet itself: what happens to no provider, as the loss of a worker."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import redis

from broker.event_stream.stream import ONCE_FOR, EventStream
from broker.fleet.queues import known_providers

FLEET = "fleet"
"""Where such events come from, in the place of a provider."""


def emit_fleet_event(
    client: redis.Redis, name: str, data: Mapping[str, Any], *, once: str = "", once_for: timedelta = ONCE_FOR
) -> bool:
    """Emits an event that no job and no provider's script emits. Durable when this returns.

    Args:
        client: of the fleet; answers in bytes.
        name: its type, one of `EVENT_TYPES`.
        data: a JSON object. Texts in it are cleaned of secrets.
        once: what makes it the same event as an earlier one, whichever process says so; empty: each call is an event.
        once_for: for how long that is remembered.

    Returns:
        Whether it is new.

    Raises:
        redis.RedisError: Valkey cannot be asked; with `once`, saying it again is safe.
        TypeError: the data is not JSON.
    """
    return EventStream(client, FLEET).append(name, data, once=once, once_for=once_for)


def event_sources(client: redis.Redis) -> set[str]:
    """Every stream that there may be: those of the providers of all known queues, and the fleet's own.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return known_providers(client) | {FLEET}
