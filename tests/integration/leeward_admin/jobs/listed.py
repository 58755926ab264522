"""Reading lists of jobs to their end."""

from datetime import UTC, datetime
from typing import Any

import redis

from broker.fleet.jobs.listed_job import ListedJob
from leeward.status import JobState
from leeward_admin.jobs.listing import JobFilter, page

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def every(client: "redis.Redis", state: JobState, filter_: JobFilter | None = None, **options: Any) -> list[ListedJob]:
    """All of a list, in pages."""
    jobs, after = list[ListedJob](), None
    options = {"limit": 7, "now": NOW, **options}
    while True:
        found = page(client, state, filter_ or JobFilter(), after=after, **options)
        jobs += found.jobs
        if found.after is None:
            return jobs
        after = str(found.after)


def ids(jobs: list[ListedJob]) -> list[str]:
    return [job.job_id for job in jobs]
