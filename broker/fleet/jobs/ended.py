"""The jobs that ended last (`ended_jobs.lua`), as far as their outcomes are still kept."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import redis

from broker.fleet.jobs.listed_job import ListedJob, at
from leeward.status import JobState
from leeward.wire.keys import ProviderKeys

LISTS = ("done", "other")
ENTRIES = 2_500
"""Of each list."""


class Ended(NamedTuple):
    """When a job ended, server ms, and which."""

    ms: float
    job_id: str
    provider: str


def ended_jobs(client: redis.Redis, providers: Sequence[str]) -> list[Ended]:
    """The latest first.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    pipeline = client.pipeline(transaction=False)
    lists = [(provider, name) for provider in providers for name in LISTS]
    for provider, name in lists:
        pipeline.lrange(f"{ProviderKeys(provider).root}ended:{name}", 0, ENTRIES - 1)
    answers = pipeline.execute() if lists else []
    found = {
        Ended(ms, job_id, provider)
        for (provider, _), entries in zip(lists, answers, strict=True)
        for ms, job_id in _dated(entries)
    }
    return sorted(found, reverse=True)


def ended_rows(client: redis.Redis, jobs: Sequence[Ended]) -> list[ListedJob | None]:
    """A row for each of these; None where its outcome is not kept any more.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    pipeline = client.pipeline(transaction=False)
    for job in jobs:
        pipeline.get(ProviderKeys(job.provider).outcome(job.job_id))
    return [
        None if outcome is None else _row(job, outcome) for job, outcome in zip(jobs, pipeline.execute(), strict=True)
    ]


def _dated(entries: Sequence[bytes]) -> Iterator[tuple[float, str]]:
    """Each with its time, which comes behind those of one step; of the last ones it may have been cut off."""
    of_one_step: list[str] = []
    for entry in entries:
        if entry.startswith(b"@"):
            yield from ((float(entry[1:]), job_id) for job_id in of_one_step)
            of_one_step = []
        else:
            of_one_step.append(entry.decode())


def _row(job: Ended, outcome: bytes) -> ListedJob:
    ended: dict[str, Any] = json.loads(outcome)
    row = ListedJob(job_id=job.job_id, provider=job.provider, state=JobState(ended["state"]), ended_at=at(job.ms))
    return replace(
        row,
        reason=ended.get("reason"),
        queue=ended.get("queue") or "",
        kind=ended.get("kind") or "",
        attempts=ended.get("attempts") or 0,
        worker=ended.get("worker"),
    )
