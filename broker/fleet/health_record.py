"""What the latest probe of each provider found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis

from leeward.redaction import cleaned
from leeward.status import instant
from leeward.wire.keys import ProviderKeys

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Finding:
    """One probe. `since` is when the provider became what it is now."""

    healthy: bool
    detail: str
    latency: timedelta
    at: datetime
    since: datetime


def record(
    client: redis.Redis, provider: str, *, healthy: bool, detail: str, latency: timedelta, now: Callable[[], datetime]
) -> bool:
    """Keeps a finding. True when the provider was not known to be so before.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    key, at_ms = ProviderKeys(provider).health, round(now().timestamp() * 1000)
    before = latest(client, provider)
    changed = before is None or before.healthy != healthy
    fields: dict[Any, str | int | float] = {
        "healthy": int(healthy),
        "detail": cleaned(detail),
        "latency_ms": latency / timedelta(milliseconds=1),
        "at": at_ms,
    }
    if changed:
        fields["since"] = at_ms
    client.hset(key, mapping=fields)
    client.pexpire(key, KEPT)
    return changed


def latest(client: redis.Redis, provider: str) -> Finding | None:
    """The latest finding, or None when there was no probe for `KEPT`.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return _finding(client.hgetall(ProviderKeys(provider).health))


def latest_of(client: redis.Redis, providers: Iterable[str]) -> dict[str, Finding | None]:
    """As `latest` for each, in one round trip.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    names = list(providers)
    pipeline = client.pipeline(transaction=False)
    for name in names:
        pipeline.hgetall(ProviderKeys(name).health)
    return {name: _finding(found) for name, found in zip(names, pipeline.execute(), strict=True)}


def _finding(found: Mapping[Any, Any]) -> Finding | None:
    fields = {_text(name): _text(value) for name, value in found.items()}
    at, since = instant(float(fields.get("at", 0))), instant(float(fields.get("since", 0)))
    if not fields or at is None or since is None:
        return None
    return Finding(
        healthy=fields["healthy"] == "1",
        detail=fields["detail"],
        latency=timedelta(milliseconds=float(fields["latency_ms"])),
        at=at,
        since=since,
    )


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
