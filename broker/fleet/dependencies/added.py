"""Dependencies that were added at run time, in one hash."""

import json
from collections.abc import Mapping
from typing import Any

import redis

ADDED = "leeward:dependencies"


def put(client: redis.Redis, name: str, document: Mapping[str, Any]) -> None:
    """Raises: redis.RedisError: Valkey cannot be reached."""
    client.hset(ADDED, name, json.dumps(document))


def remove(client: redis.Redis, name: str) -> bool:
    """Whether it was there.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return bool(client.hdel(ADDED, name))


def added(client: redis.Redis) -> dict[str, dict[str, Any]]:
    """By name.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found = client.hgetall(ADDED)
    return {_text(name): json.loads(text) for name, text in sorted(found.items())}


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
