"""A scheduler's ticker whose clock is the test's, and what it has sent."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import dramatiq
import redis
from dramatiq import Message

from broker.broker import LeewardBroker
from leeward.wire.keys import ProviderKeys
from workers.background.ticker import Ticker

NOON = datetime(2026, 11, 30, 12, 0, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEYS = ProviderKeys("tick")


class Clock:
    """The server's, moved by the test."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def declare(broker: LeewardBroker, schedule: Any, name: str = "look", **options: Any) -> "dramatiq.Actor[..., Any]":
    @dramatiq.actor(broker=broker, actor_name=name, queue_name="tick", periodic=schedule, **options)
    def look() -> None: ...

    return look


def ticker(broker: LeewardBroker, clock: Clock, *actors: "dramatiq.Actor[..., Any]", zone: str = "UTC") -> Ticker:
    # Its own clock is always past every pause: each look looks.
    times = iter(range(0, 10**9, 100))
    return Ticker(broker, actors, zone=ZoneInfo(zone), now=clock, monotonic=lambda: float(next(times)))


def waiting(client: "redis.Redis") -> list[str]:
    """The names of the ticks that wait, in their order."""
    ids = client.lrange(KEYS.ready("tick", "normal"), 0, -1)
    messages = [client.hget(KEYS.jobs, job_id) for job_id in ids]
    return [Message.decode(message).options["tick"] for message in messages]  # type: ignore[arg-type]


def take(client: "redis.Redis") -> list[str]:
    """A worker that runs everything that waits."""
    names = waiting(client)
    for key in (KEYS.ready("tick", "normal"), KEYS.jobs, KEYS.places):
        client.delete(key)
    return names
