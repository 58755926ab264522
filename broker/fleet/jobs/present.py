"""Which of many lists have a job, in one round trip."""

from collections.abc import Sequence

import redis

from leeward.jobs.queue_name import provider_of
from leeward.wire.keys import ProviderKeys, place

SUSPECTS = ""
"""In place of a lane: what waits to run apart from other jobs."""


def present(client: redis.Redis, lists: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of these queues and lanes in which a job may wait.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    pipeline = client.pipeline(transaction=False)
    for queue, lane in lists:
        keys = ProviderKeys(provider_of(queue))
        if lane == SUSPECTS:
            pipeline.exists(keys.suspects_of(queue))
            continue
        name = place(queue, lane)
        # Of a lane whose partitions are all parked there is neither of the first two.
        pipeline.exists(*(keys.root + kind + name for kind in ("ready:", "turns:")))
        pipeline.hexists(keys.root + "parked_in", name)
    answers = iter(pipeline.execute() if lists else [])
    found = [(each, bool(next(answers)) | (each[1] != SUSPECTS and bool(next(answers)))) for each in lists]
    return [each for each, is_there in found if is_there]
