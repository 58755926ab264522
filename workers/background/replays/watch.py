"""What a runner knows of the outside: which providers may be given jobs, and which jobs have gone without a word."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import redis

from broker.fleet import health_record
from broker.guards.store import Guards
from leeward.wire.keys import ProviderKeys
from storage.replays.counters import QueuedItem
from workers.background.replays.availability import why_closed


def closed_doors(client: redis.Redis, providers: Iterable[str], now: Callable[[], datetime]) -> dict[str, str]:
    """The providers that may be given nothing now, and why not.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found = {
        provider: why_closed(Guards(client, provider).state(), health_record.latest(client, provider), now())
        for provider in providers
    }
    return {provider: why for provider, why in found.items() if why is not None}


def without_a_job(client: redis.Redis, items: Sequence[QueuedItem]) -> list[QueuedItem]:
    """The items whose jobs the fleet does not have: they have ended, and the outbox says how, or were cancelled, or are lost.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    missing: list[QueuedItem] = []
    for provider, group in groupby(sorted(items, key=_provider), key=_provider):
        some = list(group)
        messages: Any = client.hmget(ProviderKeys(provider).jobs, [item.job_id for item in some])
        missing += [item for item, message in zip(some, messages, strict=True) if message is None]
    return missing


def _provider(item: QueuedItem) -> str:
    return item.provider
