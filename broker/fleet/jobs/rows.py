"""What Valkey holds of jobs whose ids are known, as rows of a list."""

from collections.abc import Mapping, Sequence

import redis

from broker.fleet.jobs.listed_job import ListedJob, live_job
from broker.fleet.jobs.replies import text
from leeward.status import JobState
from leeward.wire.keys import ProviderKeys


def live_rows(
    client: redis.Redis,
    provider: str,
    ids: Sequence[str],
    state: JobState,
    *,
    due_ms: Mapping[str, float] | None = None,
    suspects: bool = False,
) -> list[ListedJob | None]:
    """A row for each id, in order; None for a job that has gone meanwhile.

    Args:
        client: where to ask.
        provider: whose jobs they are.
        ids: the jobs.
        state: which they were found in.
        due_ms: when each is due, server ms.
        suspects: they wait to run apart from others.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    if not ids:
        return []
    keys = ProviderKeys(provider)
    pipeline = client.pipeline(transaction=False)
    for name in (keys.jobs, keys.places, keys.deliveries):
        pipeline.hmget(name, list(ids))
    messages, places, deliveries = pipeline.execute()
    return [
        None
        if message is None
        else live_job(
            job_id,
            provider,
            state,
            place=text(place),
            message=message,
            delivery=text(delivery),
            due_ms=None if due_ms is None else due_ms[job_id],
            suspect=suspects,
        )
        for job_id, message, place, delivery in zip(ids, messages, places, deliveries, strict=True)
    ]
