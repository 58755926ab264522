"""All jobs of a provider that have not ended, in bounded steps: what is there from the beginning to the end is seen at least once."""

from collections.abc import Iterator
from typing import Any

import redis

from broker.fleet.jobs.replies import text
from leeward.wire.keys import ProviderKeys

AT_ONCE = 1_000


def live_places(client: redis.Redis, provider: str) -> Iterator[dict[str, str]]:
    """Id -> place, some in each step. Whatever happens to the lists meanwhile, no job that stays is left out.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    key, cursor = ProviderKeys(provider).places, 0
    while True:
        reply: Any = client.hscan(key, cursor, count=AT_ONCE)
        cursor, found = reply
        yield {text(job_id): text(place) for job_id, place in found.items() if job_id not in {b"", ""}}
        if cursor == 0:
            return
