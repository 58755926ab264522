"""What a fleet holds, as the tests of replays look at it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import redis
from dramatiq import Message

from actors.declare import declare
from broker.broker import LeewardBroker
from leeward import SyncUser
from leeward.keys import ProviderKeys
from middleware.order import rings
from storage.dead_letters import Filter
from tests.support.workers_under_test import broker_at, run_until_empty
from workers.admin import Admin
from workers.replay import Ending, Replayed
from workers.replay_selection import Selection

QUEUE = "sync.jellyfin"


def replay(admin: Admin, *ids: UUID, include_unknown: bool = False, **conditions: Any) -> list[Replayed]:
    selection = Selection(Filter(ids=ids, **conditions), include_unknown=include_unknown)
    return list(admin.dead_letters.replay(selection, who="ada", note="it is back"))


def endings(items: list[Replayed]) -> dict[UUID, Ending]:
    return {item.dead_letter_id: item.ending for item in items}


def jobs(valkey: "redis.Redis", provider: str = "jellyfin") -> "dict[str, Message[Any]]":
    """Every job that is not over, by id."""
    found = valkey.hgetall(ProviderKeys(provider).jobs)
    return {id_.decode(): Message.decode(encoded) for id_, encoded in found.items()}


def waiting(valkey: "redis.Redis", lane: str = "bulk") -> list[str]:
    return [id_.decode() for id_ in valkey.lrange(ProviderKeys("jellyfin").ready(QUEUE, lane), 0, -1)]


def work(valkey_url: str, function: Callable[[SyncUser], None], *, max_retries: int = 0) -> None:
    """Runs every queued sync job to its end."""
    with broker_at(valkey_url, middleware=rings()) as broker:
        _declare(broker, function, max_retries)
        run_until_empty(broker, QUEUE)


def _declare(broker: LeewardBroker, function: Callable[[SyncUser], None], max_retries: int) -> None:
    declare(broker, SyncUser, function, queues=[QUEUE], max_retries=max_retries, min_backoff=1, max_backoff=1)
