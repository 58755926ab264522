"""A page of a list of jobs: at most so many, and never more looked at than the server does in milliseconds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import redis

from broker.fleet.jobs.listed_job import ListedJob
from broker.fleet.jobs.rows import with_deliveries
from broker.fleet.queues import known_queues
from leeward.errors import Invalid
from leeward.jobs.queue_name import provider_of
from leeward.status import JobState
from leeward_admin.jobs.listing import waiting as waiting_list
from leeward_admin.jobs.listing import walk
from leeward_admin.jobs.listing.cursor import JobCursor
from leeward_admin.jobs.listing.filter import JobFilter
from leeward_admin.jobs.listing.waiting import waiting
from leeward_admin.jobs.listing.walk import Looked, ended, running, scheduled

LOOKED_AT_MOST = 2_000
"""Jobs that one page looks at for a filter that has no index."""
AT_ONCE = {JobState.READY: 1_000}
"""How many jobs a step reads for such a filter: finding a place deep in a list costs more than reading a thousand of its jobs."""
ELSE_AT_ONCE = 250
STATES = (JobState.READY, JobState.RUNNING, JobState.SCHEDULED, JobState.DONE)
"""Of which there are lists; that of `DONE` has all that ended."""


@dataclass(frozen=True, slots=True)
class JobPage:
    """Attributes:
    after: continues behind this page; None where the list ends with it.
    looked_at: how many jobs were looked at.
    is_partial: the page is short because it looked at as many jobs as a page may: others may match, behind `after`.
    """

    jobs: list[ListedJob]
    after: JobCursor | None
    looked_at: int
    is_partial: bool


def page(
    client: redis.Redis,
    state: JobState,
    filter_: JobFilter,
    *,
    now: datetime,
    limit: int,
    after: str | None = None,
    looked_at_most: int = LOOKED_AT_MOST,
) -> JobPage:
    """The next jobs of a list.

    Args:
        client: where to ask.
        state: `READY`, `RUNNING`, `SCHEDULED`, or `DONE` for all that ended lately.
        filter_: which of them.
        now: the time, for their age.
        limit: at most so many.
        after: the `next` that the page before this one named.
        looked_at_most: how many jobs to look at for a filter without an index.

    Raises:
        Invalid: there is no list of this state.
        InvalidJobCursor: `after` is none of this list.
        redis.RedisError: Valkey cannot be reached.
    """
    found = _found(_walk(client, state, filter_, after, limit), filter_, now, limit, looked_at_most)
    return found if state is JobState.DONE else replace(found, jobs=with_deliveries(client, found.jobs))


def _found(places: Iterator[Looked], filter_: JobFilter, now: datetime, limit: int, looked_at_most: int) -> JobPage:
    jobs, looked_at, last = list[ListedJob](), 0, None
    for looked in places:
        if len(jobs) == limit or looked_at == looked_at_most:
            return JobPage(jobs, last, looked_at, is_partial=len(jobs) < limit)
        looked_at, last = looked_at + 1, looked.cursor
        if looked.job is not None and filter_.matches(looked.job, now):
            jobs.append(looked.job)
    return JobPage(jobs, None, looked_at, is_partial=False)


def _walk(client: redis.Redis, state: JobState, filter_: JobFilter, after: str | None, limit: int) -> Iterator[Looked]:
    if state not in STATES:
        raise Invalid(f"there is no list of jobs that are {state}; there are {', '.join(STATES)}")
    cursor = (
        None
        if after is None
        else JobCursor.parsed(after, state, waiting_list.PARTS if state is JobState.READY else walk.PARTS)
    )
    queues = filter_.wanted_queues(known_queues(client))
    providers = sorted({provider_of(queue) for queue in queues})
    is_indexed = filter_.is_empty or (state is JobState.READY and not filter_.looks_at_jobs)
    # One more than the page has, so that its end is known to be the list's.
    at_once = limit + 1 if is_indexed else AT_ONCE.get(state, ELSE_AT_ONCE)
    steps = {
        JobState.READY: lambda: waiting(client, queues, filter_.wanted_lanes(), filter_.partitions, cursor, at_once),
        JobState.RUNNING: lambda: running(client, providers, cursor),
        JobState.SCHEDULED: lambda: scheduled(client, providers, cursor, at_once),
        JobState.DONE: lambda: ended(client, providers, cursor, at_once),
    }
    for step in steps[state]():
        yield from step
