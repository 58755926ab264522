"""Rule: which jobs are wanted."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from broker.fleet.jobs.listed_job import ListedJob
from leeward.jobs.priority import LANES, Priority
from leeward.jobs.queue_name import provider_of


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """A job must meet every condition; of several values it must have one. What is left out is any.

    Attributes:
        tags: it has one of these.
        older_than: it was enqueued longer ago.
        newer_than: it was enqueued less long ago.
    """

    queues: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lanes: tuple[Priority, ...] = ()
    older_than: timedelta | None = None
    newer_than: timedelta | None = None

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, field.name) for field in fields(self))

    @property
    def looks_at_jobs(self) -> bool:
        """Whether jobs must be looked at one by one: for all but their queue and their lane there is no index."""
        return bool(self.kinds or self.partitions or self.tags or self.older_than or self.newer_than)

    def wanted_queues(self, known: Iterable[str]) -> list[str]:
        """Of the known queues those whose jobs may match, sorted."""
        return sorted(
            queue
            for queue in known
            if (not self.queues or queue in self.queues)
            and (not self.providers or provider_of(queue) in self.providers)
        )

    def wanted_lanes(self) -> tuple[Priority, ...]:
        """The lanes whose jobs may match, in serving order."""
        return tuple(lane for lane in LANES if not self.lanes or lane in self.lanes)

    def matches(self, job: ListedJob, now: datetime) -> bool:
        """Whether this is a job that is wanted. Of a job whose time of enqueue is not known, no age matches."""
        return (
            _is(job.queue, self.queues)
            and _is(job.provider, self.providers)
            and _is(job.kind, self.kinds)
            and _is(job.partition, self.partitions)
            and _is(job.lane, self.lanes)
            and (not self.tags or not set(self.tags).isdisjoint(job.tags))
            and self._has_age(job, now)
        )

    def _has_age(self, job: ListedJob, now: datetime) -> bool:
        if self.older_than is None and self.newer_than is None:
            return True
        if job.enqueued_at is None:
            return False
        age = now - job.enqueued_at
        return (self.older_than is None or age > self.older_than) and (self.newer_than is None or age < self.newer_than)


def _is(value: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted
