"""What is asked of a fleet, job by job, and what it answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leeward.errors import IdempotencyConflict, Invalid, ProviderDisabled, QueueFull
from leeward.jobs.job import Job
from leeward.jobs.priority import Priority
from leeward.wire.entry import Entry, Refusal, Verdict, entry_from
from leeward.wire.job_message import INHERITED, fields_for
from leeward.wire.running import running_job


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What became of one enqueue.

    Attributes:
        job_id: the job that does the work: the new one, or the one that already held the idempotency key.
        duplicate: True when the key was taken by the same work, so that nothing was added.
        state: `live`, `done` or `dead` for a duplicate; `live` for a new job.
    """

    job_id: str
    provider: str
    duplicate: bool = False
    state: str = "live"


Answer = Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled


@dataclass(frozen=True, slots=True)
class Request:
    """A job with options of its own, for `Leeward.enqueue_many`."""

    job: Job
    idempotency_key: str | None = None
    delay: timedelta | None = None
    priority: Priority | None = None
    deadline: timedelta | datetime | None = None
    partition: str | None = None


def entry_for(request: Request) -> Entry:
    """Raises: MessageTooLarge, Invalid: it cannot be enqueued."""
    return entry_from(_fields(request), _delay_ms(request.delay), is_span=not isinstance(request.deadline, datetime))


def _fields(request: Request) -> dict[str, Any]:
    # The job's own budget begins when it is due; a deadline that the caller gives is the caller's.
    deadline = request.deadline or request.job.default_deadline + (request.delay or timedelta(0))
    running = running_job.get()
    return fields_for(
        request.job,
        idempotency_key=request.idempotency_key,
        priority=request.priority,
        partition=request.partition,
        deadline=deadline,
        # What a running job enqueues belongs to the same story.
        **({} if running is None else {name: running.options.get(name) for name in INHERITED}),
    )


def _delay_ms(delay: timedelta | None) -> int:
    if delay is None:
        return 0
    if delay < timedelta(0):
        raise Invalid(f"the delay is negative: {delay}")
    return int(delay.total_seconds() * 1000)


def answer_to(provider: str, entry: Entry, refusal: Refusal | None) -> Answer:
    """What became of an entry that was refused, or was not."""
    if refusal is None:
        return Enqueued(entry.job_id, provider)
    if no_room := refusal.no_room(provider):
        return no_room
    if refusal.verdict is Verdict.CONFLICT:
        return IdempotencyConflict(entry.idempotency_key, refusal.job_id)
    return Enqueued(refusal.job_id, provider, duplicate=True, state=refusal.state)
