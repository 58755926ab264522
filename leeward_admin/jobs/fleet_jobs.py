"""The jobs of a fleet, for people: lists of them, one with everything that is known of it, and changes to many."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import redis

from leeward.errors import JobNotFound
from leeward.jobs.priority import Priority
from leeward.status import JobState, JobStatus
from leeward.wire.keys import ProviderKeys
from leeward_admin.jobs.bulk import changes
from leeward_admin.jobs.bulk.recorded import CANCELLED, REPRIORITISED, recorded
from leeward_admin.jobs.bulk.selection import CHANGEABLE, JobSelection, named, select
from leeward_admin.jobs.listing import JobFilter, JobPage, page

if TYPE_CHECKING:
    from leeward_admin.dead_letters.dead_letters import DeadLetters
    from leeward_admin.jobs.detail import JobDetail

__all__ = ["FleetJobs"]


class FleetJobs:
    """Looks at jobs and changes many at once. Thread-safe.

    Args:
        client: of the fleet's Valkey.
        status: where a job is; raises `JobNotFound`.
        letters: the dead letters; None where the fleet has no PostgreSQL.
    """

    def __init__(
        self,
        client: redis.Redis,
        status: Callable[[str], JobStatus],
        letters: "Callable[[], DeadLetters | None]" = lambda: None,
    ) -> None:
        self._client = client
        self._status = status
        self._letters = letters

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

    def get(self, job_id: str) -> "JobDetail":
        """Everything about one job, without its secrets: also of a dead one whose outcome is kept by its dead letter alone.

        Raises:
            JobNotFound: no provider knows it, and no dead letter is of it.
        """
        from leeward_admin.jobs.detail import JobDetail, dead_detail, live_detail

        try:
            status = self._status(job_id)
        except JobNotFound:
            letters = self._letters()
            letter = letters.of_job(job_id) if letters else None
            if letter is None:
                raise
            dead = JobStatus(job_id, letter.provider, JobState.DEAD, letter.queue, letter.actor, reason=letter.reason)
            return dead_detail(dead, letter)
        if status.state is JobState.DEAD:
            letters = self._letters()
            letter = letters.of_job(job_id) if letters else None
            return JobDetail(status=status) if letter is None else dead_detail(status, letter)
        keys = ProviderKeys(status.provider)
        message = self._client.hget(keys.jobs, job_id)
        place = self._client.hget(keys.places, job_id)
        if not isinstance(message, bytes) or not isinstance(place, bytes):
            return JobDetail(status=status)
        return live_detail(status, place=place.decode(), message=message)

    def select(self, filter_: JobFilter, states: Iterable[JobState] = CHANGEABLE) -> JobSelection:
        """All jobs that match and do not run: what `cancel` and `reprioritise` work off.

        Raises:
            EmptyJobFilter: the filter has no condition.
        """
        return select(self._client, filter_, now=datetime.now(UTC), states=states)

    def named(self, job_ids: Iterable[str]) -> JobSelection:
        """These jobs.

        Raises:
            JobNotFound: no provider knows one of them.
        """
        found = [self._status(job_id) for job_id in job_ids]
        return named(self._client, ((status.provider, status.job_id) for status in found))

    def cancel(self, selection: JobSelection, *, who: str, why: str, event: str = CANCELLED) -> Iterator[Counter[str]]:
        """Cancels them in batches, each of which says how many were `cancelled`, and how many were `running` or `ended` by then. Broken
        off, it has done what it said; the same selection made again has the rest. An event of each provider records it.

        Args:
            selection: the jobs.
            who: for the record.
            why: which jobs were meant, for the record.
            event: its name.
        """
        return recorded(self._client, changes.cancel(self._client, selection), selection, event, why, who)

    def reprioritise(self, selection: JobSelection, lane: Priority, *, who: str, why: str) -> Iterator[Counter[str]]:
        """Moves them to the end of a lane, in batches, each of which says how many were `moved`, how many were `running` or `ended` by
        then, and how many are to be tried `again`, because they changed meanwhile. Those that are in that lane already are left there.
        """
        moved = changes.move(self._client, selection, lane)
        return recorded(self._client, moved, selection, REPRIORITISED, f"{why}, to {lane}", who)
