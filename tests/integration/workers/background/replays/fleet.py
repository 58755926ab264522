"""What a fleet holds, as the tests of replays look at it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import redis
from dramatiq import Message

from actors.declare import declare
from broker.broker import LeewardBroker
from leeward import SyncUser
from leeward.wire.keys import ProviderKeys
from leeward_admin.admin import Admin
from middleware.order import rings
from storage.dead_letters.search.filter import Filter
from storage.replays.rules import Rules
from storage.replays.selection import Selection
from storage.replays.state import ItemOutcome
from storage.replays.views import Item
from tests.support.answers import raw, text
from tests.support.fleets.workers_under_test import broker_at, run_until_empty

QUEUE = "sync.jellyfin"


def selection(*ids: UUID, include_unknown: bool = False, limit: int | None = None, **conditions: Any) -> Selection:
    return Selection(filter=Filter(ids=ids, **conditions), include_unknown=include_unknown, limit=limit)


def made(admin: Admin, *ids: UUID, rules: Rules | None = None, **options: Any) -> UUID:
    """A replay that nobody runs yet."""
    return admin.replays.create(selection(*ids, **options), rules or Rules(), who="ada", note="it is back").id


def replay(admin: Admin, *ids: UUID, rules: Rules | None = None, **options: Any) -> list[Item]:
    """Makes a replay, enqueues all of it, and tells its items."""
    id_ = made(admin, *ids, rules=rules, **options)
    enqueue_all(admin, id_)
    return list(admin.replays.every_item(id_))


def enqueue_all(admin: Admin, id_: UUID) -> None:
    for _ in admin.replays.follow(id_, until_enqueued=True):
        pass


def outcomes(items: list[Item]) -> dict[UUID, ItemOutcome]:
    return {item.dead_letter_id: item.outcome for item in items}


def jobs(valkey: "redis.Redis", provider: str = "jellyfin") -> "dict[str, Message[Any]]":
    """Every job that is not over, by id."""
    found = valkey.hgetall(ProviderKeys(provider).jobs)
    return {text(id_): Message.decode(raw(encoded)) for id_, encoded in found.items()}


def waiting(valkey: "redis.Redis", lane: str = "bulk") -> list[str]:
    return [text(id_) for id_ in valkey.lrange(ProviderKeys("jellyfin").ready(QUEUE, lane), 0, -1)]


def work(valkey_url: str, function: Callable[[SyncUser], None], *, max_retries: int = 0) -> None:
    """Runs every queued sync job to its end."""
    with broker_at(valkey_url, middleware=rings()) as broker:
        declare_sync(broker, function, max_retries=max_retries)
        run_until_empty(broker, QUEUE)


def declare_sync(broker: LeewardBroker, function: Callable[[SyncUser], None], *, max_retries: int = 0) -> None:
    declare(broker, SyncUser, function, queues=[QUEUE], max_retries=max_retries, min_backoff=1, max_backoff=1)
