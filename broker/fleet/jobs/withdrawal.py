"""Taking many jobs off their queues and schedules: those that run meanwhile are left alone."""

from collections.abc import Sequence
from datetime import timedelta

import redis

from broker.fleet.jobs.replies import texts
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

KEPT = timedelta(hours=1)
"""How long it is known that a job was cancelled."""

_cancel = Script("leeward.wire.scripts", "cancel.lua")


def cancel_waiting(client: redis.Redis, provider: str, ids: Sequence[str]) -> list[str]:
    """What became of each: `cancelled`, `running` or `unknown`, as `cancel.lua` says. One round trip, each job in a step of its own.

    Raises:
        redis.RedisError: Valkey cannot be reached; some may be cancelled.
    """
    if not ids:
        return []
    root, kept_ms = ProviderKeys(provider).root, round(KEPT.total_seconds() * 1000)
    first = _cancel(client, root, [ids[0], kept_ms])  # brings the script along where the server has lost it
    pipeline = client.pipeline(transaction=False)
    for job_id in ids[1:]:
        pipeline.evalsha(_cancel.digest, 1, root, job_id, kept_ms)
    return texts([first, *pipeline.execute()])
