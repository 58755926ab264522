"""What Valkey holds of jobs whose ids are known, as rows of a list."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
    places: Sequence[str] | None = None,
    due_ms: Mapping[str, float] | None = None,
    suspects: bool = False,
) -> list[ListedJob | None]:
    """A row for each id, in order, without its deliveries; None for a job that has gone meanwhile.

    Args:
        client: where to ask.
        provider: whose jobs they are.
        ids: the jobs.
        state: which they were found in.
        places: where each waits, where that is known.
        due_ms: when each is due, server ms.
        suspects: they wait to run apart from others.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    if not ids:
        return []
    keys = ProviderKeys(provider)
    pipeline = client.pipeline(transaction=False)
    pipeline.hmget(keys.jobs, list(ids))
    if places is None:
        pipeline.hmget(keys.places, list(ids))
    messages, *found = pipeline.execute()
    return [
        None
        if message is None
        else live_job(
            job_id,
            provider,
            state,
            place=text(place),
            message=message,
            due_ms=None if due_ms is None else due_ms[job_id],
            suspect=suspects,
        )
        for job_id, message, place in zip(ids, messages, places or found[0], strict=True)
    ]


def with_deliveries(client: redis.Redis, jobs: Sequence[ListedJob]) -> list[ListedJob]:
    """Jobs that have not ended, with the latest delivery of each.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    pipeline = client.pipeline(transaction=False)
    for job in jobs:
        pipeline.hget(ProviderKeys(job.provider).deliveries, job.job_id)
    return [_delivered(job, text(delivery)) for job, delivery in zip(jobs, pipeline.execute(), strict=True)]


def _delivered(job: ListedJob, delivery: str) -> ListedJob:
    number, _, worker = delivery.partition("@")
    return replace(job, deliveries=int(number), worker=worker) if number.isdigit() else job
