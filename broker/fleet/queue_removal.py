"""Taking a queue off the list of those that the fleet knows."""

import redis

from broker.fleet.jobs.scan import live_places
from leeward.jobs.priority import LANES
from leeward.jobs.queue_name import provider_of
from leeward.wire.keys import QUEUES, ProviderKeys, place


def jobs_in(client: redis.Redis, queue: str) -> int:
    """How many jobs of a queue wait, are scheduled or run. Looks at all jobs of its provider, a thousand at a time.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    steps = live_places(client, provider_of(queue))
    ids = {job_id for some in steps for job_id, where in some.items() if where.partition(":")[0] == queue}
    return len(ids)


def remove(client: redis.Redis, queue: str) -> int:
    """Forgets a queue without jobs, and that it was paused. Returns how many jobs it has: where a producer has added one meanwhile, the
    queue stays.

    Raises:
        redis.RedisError: Valkey cannot be reached; repeat it.
    """
    keys = ProviderKeys(provider_of(queue))
    client.srem(QUEUES, queue)
    if found := jobs_in(client, queue):
        client.sadd(QUEUES, queue)
        return found
    client.srem(keys.paused, queue)
    names = ("waiting:", "turned:", "shares:", "bucket:", "suspects:")
    client.delete(*(f"{keys.root}{name}{queue}" for name in names))
    lanes = [place(queue, lane) for lane in LANES]
    client.hdel(keys.root + "partitioned", *lanes)
    client.hdel(keys.root + "withdrawn_at", *lanes)
    return 0
