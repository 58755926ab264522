"""The whole fleet at a glance: every provider with its queues and guards, in two round trips (`overview.lua`)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import redis

from broker.fleet.queues import INTERNAL_QUEUES, known_queues
from broker.guards.config import Mode
from leeward.jobs.priority import LANES, Priority
from leeward.jobs.queue_name import provider_of
from leeward.record.reader import FRESH
from leeward.status import instant
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

_MS = timedelta(milliseconds=1)
_overview = Script("broker.scripts.fleet", "overview.lua")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOverview:
    """A queue at one moment.

    Attributes:
        ready: waiting jobs by lane.
        oldest_at: when the oldest of the jobs that come next was enqueued; None where none waits.
    """

    queue: str
    paused: bool
    ready: Mapping[Priority, int]
    oldest_at: datetime | None

    @property
    def waiting(self) -> int:
        return sum(self.ready.values())

    @property
    def is_internal(self) -> bool:
        """Whether it has jobs of the fleet's own."""
        return self.queue in INTERNAL_QUEUES


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderOverview:
    """A provider at one moment.

    Attributes:
        scheduled: jobs that wait for their time.
        outbox: dead letters that PostgreSQL does not have yet; `outbox_since`: since when the first of them waits.
        mode, mode_until, state, until, cause, since, held_until, held_because: as `broker.guards.store.GuardState` has them.
        enabled: false where it is switched off; `by_operator`: by an operator, and not by the configuration.
        limit: jobs that may run at once, as it is configured; 0 for no limit.
        healthy: what the latest probe found; None where there was none.
        asked: the worker processes that asked for its jobs lately; `seen_at`: when any did.
    """

    provider: str
    at: datetime
    queues: tuple[QueueOverview, ...]
    running: int
    scheduled: int
    outbox: int
    outbox_since: datetime | None
    mode: Mode
    mode_until: datetime | None
    state: str
    until: datetime | None
    cause: str
    since: datetime | None
    held_until: datetime | None
    held_because: str
    enabled: bool
    by_operator: bool
    limit: int
    healthy: bool | None
    health_detail: str
    health_at: datetime | None
    asked: frozenset[str]
    seen_at: datetime | None

    @property
    def waiting(self) -> int:
        return sum(queue.waiting for queue in self.queues)


def overview(client: redis.Redis) -> list[ProviderOverview]:
    """Every provider that has a queue, by name.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    by_provider = defaultdict[str, list[str]](list)
    for queue in known_queues(client):
        with suppress(ValueError):
            by_provider[provider_of(queue)].append(queue)
    asked = sorted(by_provider.items())
    return [
        _read(provider, queues, reply) for (provider, queues), reply in zip(asked, _ask(client, asked), strict=True)
    ]


def _ask(client: redis.Redis, providers: list[tuple[str, list[str]]]) -> list[Any]:
    if not providers:
        return []
    calls: list[tuple[str, list[Any]]] = [
        (ProviderKeys(provider).root, ["", FRESH // _MS, *queues]) for provider, queues in providers
    ]
    # The first call brings the script to a server that does not have it.
    first = _overview(client, *calls[0])
    pipeline = client.pipeline(transaction=False)
    for root, arguments in calls[1:]:
        pipeline.evalsha(_overview.digest, 1, root, *arguments)
    return [first, *pipeline.execute()]


def _read(provider: str, queues: list[str], reply: list[Any]) -> ProviderOverview:
    now, of_queues, numbers, circuit, guards, by_operator, health, asked, seen = reply
    running, scheduled, outbox, outbox_since = numbers
    mode, mode_until, state, until, cause, since, held_until, held_because = map(_text, circuit)
    enabled, observe, limit = map(_text, guards)
    healthy, detail, health_at = map(_text, health)
    return ProviderOverview(
        provider=provider,
        at=datetime.fromtimestamp(now / 1000, UTC),
        queues=tuple(_queue(queue, one) for queue, one in zip(queues, of_queues, strict=True)),
        running=running,
        scheduled=scheduled,
        outbox=outbox,
        outbox_since=_instant(outbox_since),
        mode=Mode(mode) if mode else Mode.OBSERVE if observe == "1" else Mode.AUTO,
        mode_until=_instant(mode_until),
        state=state or "closed",
        until=_instant(until),
        cause=cause,
        since=_instant(since),
        held_until=_instant(held_until),
        held_because=held_because,
        enabled=enabled != "0",
        by_operator=bool(by_operator),
        limit=int(float(limit or 0)),
        healthy=healthy == "1" if healthy else None,
        health_detail=detail,
        health_at=_instant(health_at),
        asked=frozenset(map(_text, asked)),
        seen_at=_instant(_text(seen)),
    )


def _queue(queue: str, one: Iterable[int]) -> QueueOverview:
    *lanes, oldest, paused = one
    ready = dict(zip(LANES, lanes, strict=True))
    return QueueOverview(queue=queue, paused=bool(paused), ready=ready, oldest_at=_instant(oldest))


def _instant(ms: str | float) -> datetime | None:
    return instant(float(ms)) if ms and float(ms) else None


def _text(value: bytes | str | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""
