"""Moving jobs to another lane of their queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import redis

from broker.fleet.jobs.replies import text, texts
from leeward.jobs.priority import Priority
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

BATCH = 250
FOUND_AT_ONCE = 1_000

_reprioritise = Script("broker.scripts", "reprioritise.lua")


@dataclass(frozen=True, slots=True)
class Move:
    """A job to move: where it waits, and about which position of its list it has."""

    job_id: str
    place: str
    near: int = 0


def reprioritise(client: redis.Redis, provider: str, moves: Sequence[Move], lane: Priority) -> list[str]:
    """What became of each: `moved`, `running`, `unknown`, `changed` meanwhile, `lost` from sight, or `unreadable`.

    Raises:
        redis.RedisError: Valkey cannot be reached; some may be moved.
    """
    keys = ProviderKeys(provider)
    messages = client.hmget(keys.jobs, [move.job_id for move in moves]) if moves else []
    arguments: list[Any] = []
    verdicts: list[str] = []
    for move, message in zip(moves, messages, strict=True):
        new = None if message is None else _with_priority(message, lane)
        verdicts.append("unknown" if message is None else "unreadable" if new is None else "")
        if new is not None:
            arguments += [move.job_id, move.place, move.near, message, new]
    replies = iter(texts(_reprioritise(client, keys.root, [lane.value, *arguments]))) if arguments else iter(())
    return [verdict or next(replies) for verdict in verdicts]


def list_of(place: str, provider: str) -> str:
    """The key of the list in which the jobs of a place are ready."""
    return f"{ProviderKeys(provider).root}ready:{place}"


def positions(client: redis.Redis, provider: str, place: str, first: int) -> list[str]:
    """The next ids of a list.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return texts(client.lrange(list_of(place, provider), first, first + FOUND_AT_ONCE - 1))


def _with_priority(message: Any, lane: Priority) -> bytes | None:
    """The message with this priority, nothing else changed; None for bytes that are not a message."""
    try:
        body = orjson.loads(text(message))
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("options"), dict):
        return None
    return orjson.dumps(body | {"options": body["options"] | {"priority": lane.value}})
