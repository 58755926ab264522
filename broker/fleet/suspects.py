"""What is known of jobs whose processes stopped, for people and metrics. The rule itself: `suspects.lua`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import redis

from leeward.jobs.queue_name import provider_of
from leeward.status import instant
from leeward.wire.keys import ProviderKeys


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Of one job.

    Attributes:
        expiries: how many workers in a row stopped, or went silent, while they had it.
        alone: in how many of these cases it was alone in its process.
        company: how many suspects may run together when it runs next.
        waits_since: since when it waits to run apart; None while it runs, or waits in its lane.
    """

    expiries: int
    alone: int
    company: int
    waits_since: datetime | None


def suspicion_of(client: redis.Redis, job_id: str, provider: str, queue: str) -> Suspicion | None:
    """None for a job that is no suspect.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    keys = ProviderKeys(provider)
    pipeline = client.pipeline(transaction=False)
    pipeline.hget(keys.suspects, job_id)
    pipeline.hget(keys.expiries, job_id)
    pipeline.zscore(keys.suspects_of(queue), job_id)
    known, expiries, since = pipeline.execute()
    if known is None:
        return None
    company, alone, *_ = map(int, known.split(b":"))
    return Suspicion(int(expiries or 0), alone, company, instant(since))


def waiting_suspects(client: redis.Redis, queues: Iterable[str]) -> dict[str, int]:
    """How many jobs of each queue wait to run apart, in one round trip.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    named = list(queues)
    pipeline = client.pipeline(transaction=False)
    for queue in named:
        pipeline.zcard(ProviderKeys(provider_of(queue)).suspects_of(queue))
    return dict(zip(named, pipeline.execute(), strict=True))
