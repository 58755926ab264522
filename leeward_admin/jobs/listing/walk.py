"""The jobs of one state in their order, in steps: each yields some jobs with the cursor behind each, and at last nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice

import redis

from broker.fleet.jobs.by_time import after as behind
from broker.fleet.jobs.ended import ended_jobs, ended_rows
from broker.fleet.jobs.listed_job import ListedJob
from broker.fleet.jobs.replies import texts
from broker.fleet.jobs.rows import live_rows
from leeward.status import JobState
from leeward.wire.keys import ProviderKeys
from leeward_admin.jobs.listing.cursor import JobCursor

PARTS = (float, str)
"""Of a cursor: an instant, and the job."""
RUNNING_AT_MOST = 2_000
"""Of one provider: no fleet runs so many at once, and all of them are read to be put in order."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A place of a list that was looked at.

    Attributes:
        job: None where it has gone meanwhile.
        cursor: continues behind it.
    """

    job: ListedJob | None
    cursor: JobCursor


def scheduled(
    client: redis.Redis, providers: list[str], after: JobCursor | None, at_once: int
) -> Iterator[list[Looked]]:
    """Those that are due next first, of all providers together."""
    since = None if after is None else (float(after.parts[0]), str(after.parts[1]))
    while True:
        parts = [
            [(score, job_id, provider) for job_id, score in _scheduled(client, provider, since, at_once)]
            for provider in providers
        ]
        next_ones = list(islice(merge(*parts), at_once))
        if not next_ones:
            return
        rows = _scheduled_rows(client, next_ones)
        yield [Looked(rows[job_id], JobCursor(JobState.SCHEDULED, (score, job_id))) for score, job_id, _ in next_ones]
        since = next_ones[-1][:2]


def _scheduled(
    client: redis.Redis, provider: str, since: tuple[float, str] | None, at_once: int
) -> list[tuple[str, float]]:
    return behind(client, ProviderKeys(provider).scheduled, since, at_once)


def _scheduled_rows(client: redis.Redis, found: list[tuple[float, str, str]]) -> dict[str, ListedJob | None]:
    rows: dict[str, ListedJob | None] = {}
    for provider in {provider for _, _, provider in found}:
        due_ms = {job_id: score for score, job_id, owner in found if owner == provider}
        ids = list(due_ms)
        rows |= zip(ids, live_rows(client, provider, ids, JobState.SCHEDULED, due_ms=due_ms), strict=True)
    return rows


def running(client: redis.Redis, providers: list[str], after: JobCursor | None) -> Iterator[list[Looked]]:
    """Those that were enqueued first come first."""
    found: list[ListedJob] = []
    for provider in providers:
        ids = texts(client.zrange(ProviderKeys(provider).leases, 0, RUNNING_AT_MOST - 1))
        found += [row for row in live_rows(client, provider, ids, JobState.RUNNING) if row is not None]
    since = None if after is None else (float(after.parts[0]), str(after.parts[1]))
    ordered = sorted((_enqueued(job), job.job_id, job) for job in found)
    yield [
        Looked(job, JobCursor(JobState.RUNNING, (enqueued, job_id)))
        for enqueued, job_id, job in ordered
        if since is None or (enqueued, job_id) > since
    ]


def _enqueued(job: ListedJob) -> float:
    return job.enqueued_at.timestamp() if job.enqueued_at else 0.0


def ended(client: redis.Redis, providers: list[str], after: JobCursor | None, at_once: int) -> Iterator[list[Looked]]:
    """Those that ended last come first, as far as it is still known how they ended."""
    before = None if after is None else (float(after.parts[0]), str(after.parts[1]))
    found = [one for one in ended_jobs(client, providers) if before is None or one[:2] < before]
    for first in range(0, len(found), at_once):
        some = found[first : first + at_once]
        rows = ended_rows(client, some)
        yield [Looked(row, JobCursor(JobState.DONE, (one.ms, one.job_id))) for one, row in zip(some, rows, strict=True)]
