"""The jobs of a fleet, for people: lists of them, and one with everything that is known of it."""

from datetime import UTC, datetime

import redis

from leeward.status import JobState
from leeward_admin.jobs.listing import JobFilter, JobPage, page

__all__ = ["FleetJobs"]


class FleetJobs:
    """Looks at jobs. Thread-safe."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def page(
        self, state: JobState, filter_: JobFilter | None = None, *, limit: int = 50, after: str | None = None
    ) -> JobPage:
        """The next jobs of the list of a state: `READY` in the order in which they will be admitted, `SCHEDULED` by the time when they are
        due, `RUNNING` by the time when they were enqueued, or with `DONE` all that ended lately, the latest first.

        Raises:
            Invalid: there is no list of this state.
            InvalidJobCursor: `after` is not where a page of this list ended.
        """
        filter_ = filter_ or JobFilter()
        return page(self._client, state, filter_, now=datetime.now(UTC), limit=limit, after=after)
