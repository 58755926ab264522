"""What is asked of a fleet, job by job, and what it answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from leeward.errors import IdempotencyConflict, Invalid, ProviderDisabled, QueueFull
from leeward.flows.follow_up import FLOW, Member, flow_of, follow_up
from leeward.jobs.correlation import check_request_id, check_traceparent
from leeward.jobs.job import Job
from leeward.jobs.priority import Priority, PriorityName
from leeward.jobs.timing import instant_ms, span
from leeward.wire.entry import Entry, Refusal, Verdict, entry_from
from leeward.wire.job_message import fields_for, no_job
from leeward.wire.running import running_job

_MILLISECOND = timedelta(milliseconds=1)


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
    """A job with options of its own, as for `Leeward.enqueue`.

    `then` are its follow-ups, each a job or a request: sent once when the job is done, and not when it is dead or cancelled. They may have
    follow-ups of their own.
    """

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
    then: "Job | Request | Sequence[Job | Request]" = ()


def entry_for(request: Request, member: Member | None = None) -> Entry:
    """The entry of a request, which may be a member of a batch.

    Raises:
        MessageTooLarge, Invalid: it cannot be enqueued.
    """
    deadline = request.deadline
    is_span = not isinstance(deadline, datetime)
    if request.delay is None and request.run_at is None:
        return entry_from(_fields(request, deadline, member), is_span=is_span)
    if request.run_at is not None:
        return _entry_at(request, member, is_span=is_span)
    delay = span("delay", request.delay)
    # The job's own budget begins when it is due; a deadline that the caller gives is the caller's.
    deadline = _own_deadline(request) + delay if deadline is None else deadline
    return entry_from(_fields(request, deadline, member), int(delay.total_seconds() * 1000), is_span=is_span)


def _entry_at(request: Request, member: Member | None, *, is_span: bool) -> Entry:
    _refuse_both(request)
    due_ms = instant_ms("run_at", request.run_at)
    assert request.run_at is not None
    deadline = request.run_at + _own_deadline(request) if request.deadline is None else request.deadline
    fields = _fields(request, deadline, member)
    delay_ms = max(0, due_ms - fields["message_timestamp"])
    return entry_from(fields, delay_ms, is_span=is_span and request.deadline is not None)._replace(due_ms=due_ms)


def _own_deadline(request: Request) -> timedelta:
    if not isinstance(request.job, Job):
        raise Invalid(no_job(request.job))
    return request.job.default_deadline


def _refuse_both(request: Request) -> None:
    if request.delay is not None and request.run_at is not None:
        raise Invalid("run_at and delay both say when the job may start: give one of them")


def follow_up_for(request: Job | Request, cause: str) -> dict[str, Any]:
    """A job that is sent when another one is done (`leeward.flows.follow_up`). `cause` is that one's request id.

    Raises:
        Invalid: it cannot be enqueued.
    """
    request = request if isinstance(request, Request) else Request(request)
    _refuse_both(request)
    delay = timedelta(0) if request.delay is None else span("delay", request.delay)
    deadline: timedelta | datetime = request.deadline or _own_deadline(request) + delay
    due_ms = 0
    if request.run_at is not None:
        due_ms = instant_ms("run_at", request.run_at)
        deadline = request.deadline or request.run_at + _own_deadline(request)
    fields = _fields(request, deadline, cause=cause)
    return follow_up(fields, delay // _MILLISECOND, due_ms=due_ms, is_span=not isinstance(deadline, datetime))


def _fields(
    request: Request, deadline: timedelta | datetime | None, member: Member | None = None, cause: str | None = None
) -> dict[str, Any]:
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
    fields = fields_for(
        request.job,
        idempotency_key=request.idempotency_key,
        priority=request.priority,
        partition=request.partition,
        deadline=deadline,
        request_id=request_id or cause,
        traceparent=traceparent,
        tags=request.tags,
        job_id=None if member is None else member.job_id,
    )
    if request.then or member is not None:
        options = fields["options"]
        follow_ups = [follow_up_for(one, options["request_id"]) for one in follow_ups_of(request)]
        # First: the stamps of the follow-ups must not stand behind the job's own (`leeward.wire.stamps`).
        fields["options"] = {FLOW: flow_of(follow_ups, member), **options}
    return fields


def follow_ups_of(request: Request) -> Sequence[Job | Request]:
    """Its follow-ups, of which one may stand alone."""
    then = request.then
    return then if isinstance(then, Sequence) and not isinstance(then, Request | str) else (then,)


def answer_to(provider: str, entry: Entry, refusal: Refusal | None) -> Answer:
    """What became of an entry that was refused, or was not."""
    if refusal is None:
        return Enqueued(entry.job_id, provider)
    if no_room := refusal.no_room(provider):
        return no_room
    if refusal.verdict is Verdict.CONFLICT:
        return IdempotencyConflict(entry.idempotency_key, refusal.job_id)
    return Enqueued(refusal.job_id, provider, duplicate=True, state=refusal.state)
