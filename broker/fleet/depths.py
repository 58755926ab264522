"""How many jobs waited in each queue a little earlier: what is gained since, with what has ended, is how fast jobs come in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import redis

from broker.fleet.overview import ProviderOverview, overview
from leeward.wire.process_keys import DEPTHS

SAMPLE_EVERY = timedelta(seconds=30)
KEPT = timedelta(minutes=5)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Depths:
    """Waiting jobs by queue, as of a time of the server."""

    at_ms: int
    waiting: Mapping[str, int]


def sample_if_due(client: redis.Redis) -> bool:
    """Keeps the depths of this moment, unless another process has done so lately. To be called often, by any number of processes.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    if not client.set(f"{DEPTHS}:turn", "", nx=True, px=SAMPLE_EVERY // _MS):
        return False
    found = overview(client)
    if found:
        client.lpush(DEPTHS, _text(found))
        client.ltrim(DEPTHS, 0, KEPT // SAMPLE_EVERY)
        client.pexpire(DEPTHS, KEPT)
    return True


def samples(values: list[bytes]) -> list[Depths]:
    """From the values of the list, the newest first. What cannot be read is left out."""
    found = []
    for value in values:
        try:
            members = json.loads(value)
            found.append(Depths(int(members["at"]), dict(members["waiting"])))
        except (ValueError, TypeError, LookupError):
            continue
    return found


def arrivals_per_minute(
    queue: str, waiting: int, ended_per_minute: float, kept: list[Depths], now_ms: int
) -> float | None:
    """How many jobs of a queue became ready per minute, lately; None where that is not known.

    Args:
        queue: its name.
        waiting: how many wait now.
        ended_per_minute: how many have ended per minute.
        kept: the samples.
        now_ms: the server's time.
    """
    before = [one for one in kept if queue in one.waiting and now_ms - one.at_ms >= SAMPLE_EVERY / 2 // _MS]
    if not before:
        return None
    # About as far back as the workers count what has ended.
    then = min(before, key=lambda one: abs(now_ms - one.at_ms - 60_000))
    gained = (waiting - then.waiting[queue]) * 60_000 / (now_ms - then.at_ms)
    return max(0.0, ended_per_minute + gained)


def _text(found: list[ProviderOverview]) -> str:
    at_ms = round(found[0].at.timestamp() * 1000)
    waiting = {queue.queue: queue.waiting for provider in found for queue in provider.queues}
    return json.dumps({"at": at_ms, "waiting": waiting})
