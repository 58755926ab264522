"""What can be known about a job."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    READY = "ready"
    """Waits for a worker."""
    SCHEDULED = "scheduled"
    """Waits for its time: a delay, a retry or a deferral."""
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    """Ended without success; the dead letter queue says why."""
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in {JobState.DONE, JobState.DEAD, JobState.CANCELLED}


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job at one moment. Once it has ended it is known for a quarter of an hour (`outcome_kept`); what it was stays known with its end.

    Attributes:
        due: when a scheduled job becomes ready.
        attempts: attempts spent so far.
        deliveries: how often a worker was given the job.
        worker: `host:pid` of the latest delivery.
        progress: what the actor reported last.
        reason: why a dead job is dead.
        error: of what a dead job failed last: `type`, `message`, `code`, `operation`, `status`, as far as known.
        dead_letter_id: of a dead job.
        cancelling: of a running job that was cancelled `asked`, or `heard` once its worker has confirmed it.
        result: the actor's result, for a job that is done, while it is kept.
        tags: as they were given with the job.
        partition, request_id: the same, until it ends.
    """

    job_id: str
    provider: str
    state: JobState
    queue: str | None = None
    kind: str | None = None
    due: datetime | None = None
    attempts: int = 0
    deliveries: int = 0
    worker: str | None = None
    progress: dict[str, Any] | None = None
    reason: str | None = None
    result: Any = None
    tags: tuple[str, ...] = ()
    partition: str | None = None
    request_id: str | None = None
    error: dict[str, Any] | None = None
    dead_letter_id: str | None = None
    cancelling: str | None = None


def instant(ms: float | None) -> datetime | None:
    """A server time in ms as an aware datetime."""
    return None if ms is None else datetime.fromtimestamp(ms / 1000, tz=UTC)
