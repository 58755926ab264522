"""What is asked of a fleet, job by job, and what it answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from leeward.errors import IdempotencyConflict, Invalid, ProviderDisabled, QueueFull
from leeward.jobs.correlation import check_request_id, check_traceparent
from leeward.jobs.job import Job
from leeward.jobs.priority import Priority, PriorityName
from leeward.jobs.timing import instant_ms, span
from leeward.wire.entry import Entry, Refusal, Verdict, entry_from
from leeward.wire.job_message import fields_for, no_job
from leeward.wire.running import running_job


class Enqueued(NamedTuple):
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


class Request(NamedTuple):
    """A job with options of its own, as for `Leeward.enqueue`."""

    job: Job
    idempotency_key: str | None = None
    delay: timedelta | None = None
    priority: Priority | PriorityName | None = None
    deadline: timedelta | datetime | None = None
    partition: str | None = None
    run_at: datetime | None = None
    request_id: str | None = None
    traceparent: str | None = None
    tags: Sequence[str] = ()


def entry_for(request: Request) -> Entry:
    """Raises: MessageTooLarge, Invalid: it cannot be enqueued."""
    deadline = request.deadline
    is_span = not isinstance(deadline, datetime)
    if request.delay is None and request.run_at is None:
        return entry_from(_fields(request, deadline), is_span=is_span)
    if request.run_at is not None:
        return _entry_at(request, is_span=is_span)
    delay = span("delay", request.delay)
    # The job's own budget begins when it is due; a deadline that the caller gives is the caller's.
    deadline = _own_deadline(request) + delay if deadline is None else deadline
    return entry_from(_fields(request, deadline), int(delay.total_seconds() * 1000), is_span=is_span)


def _entry_at(request: Request, *, is_span: bool) -> Entry:
    if request.delay is not None:
        raise Invalid("run_at and delay both say when the job may start: give one of them")
    due_ms = instant_ms("run_at", request.run_at)
    assert request.run_at is not None
    deadline = request.run_at + _own_deadline(request) if request.deadline is None else request.deadline
    entry = entry_from(_fields(request, deadline), is_span=is_span and request.deadline is not None)
    return entry._replace(delay_ms=max(0, due_ms - entry.sent_ms), due_ms=due_ms)


def _own_deadline(request: Request) -> timedelta:
    if not isinstance(request.job, Job):
        raise Invalid(no_job(request.job))
    return request.job.default_deadline


def _fields(request: Request, deadline: timedelta | datetime | None) -> dict[str, Any]:
    request_id, traceparent = request.request_id, request.traceparent
    if request_id is not None:
        check_request_id(request_id)
    if traceparent is not None:
        check_traceparent(traceparent)
    running = running_job.get()
    if running is not None:
        # What it enqueues belongs to the same story.
        request_id = request_id or running.options.get("request_id")
        traceparent = traceparent or running.options.get("traceparent")
    return fields_for(
        request.job,
        idempotency_key=request.idempotency_key,
        priority=request.priority,
        partition=request.partition,
        deadline=deadline,
        request_id=request_id,
        traceparent=traceparent,
        tags=request.tags,
    )


def answer_to(provider: str, entry: Entry, refusal: Refusal | None) -> Answer:
    """What became of an entry that was refused, or was not."""
    if refusal is None:
        return Enqueued(entry.job_id, provider)
    if no_room := refusal.no_room(provider):
        return no_room
    if refusal.verdict is Verdict.CONFLICT:
        return IdempotencyConflict(entry.idempotency_key, refusal.job_id)
    return Enqueued(refusal.job_id, provider, duplicate=True, state=refusal.state)
