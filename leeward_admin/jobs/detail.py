"""One job with everything that is known of it, without its secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from broker.fleet.jobs.listed_job import ListedJob, at, live_job
from leeward.status import JobState, JobStatus
from leeward_admin.jobs.attempts import PastAttempt, past_attempts
from storage.dead_letters.letter.document import document
from storage.dead_letters.letter.views import Detail
from storage.payloads.message import member, payload_of, text_of
from storage.payloads.redaction import redacted

__all__ = ["JobDetail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDetail:
    """Attributes:
    row: as a list shows it; None for one that has ended and has no dead letter.
    payload: what it is to do; None where that is not kept any more.
    deadline: when it is no longer worth doing.
    past_attempts: those that failed.
    error: why it is dead, as its dead letter has it.
    dead_letter: its id; None for a job that is not dead, or whose letter is not in PostgreSQL yet.
    """

    status: JobStatus
    row: ListedJob | None = None
    payload: Any = None
    idempotency_key: str | None = None
    trace_id: str | None = None
    deadline: datetime | None = None
    past_attempts: tuple[PastAttempt, ...] = ()
    error: Mapping[str, Any] | None = None
    dead_letter: UUID | None = None


def live_detail(status: JobStatus, *, place: str, message: bytes) -> JobDetail:
    """Of a job that has not ended."""
    kept = redacted(message)
    body = kept.body or {}
    options = member(body, "options")
    row = live_job(status.job_id, status.provider, status.state, place=place, message=message)
    return JobDetail(
        status=status,
        row=row,
        payload=payload_of(body) if body else None,
        idempotency_key=text_of(options.get("idempotency_key")),
        trace_id=text_of(options.get("traceparent")),
        deadline=at(options.get("deadline")),
        past_attempts=tuple(past_attempts(options)),
    )


def dead_detail(status: JobStatus, letter: Detail) -> JobDetail:
    """Of a job that is dead, from its letter."""
    shown = document(letter)
    row = ListedJob(
        job_id=letter.job_id,
        provider=letter.provider,
        state=JobState.DEAD,
        queue=letter.queue,
        lane=letter.priority,
        partition=letter.tenant or "",
        kind=letter.actor,
        enqueued_at=letter.enqueued_at,
        attempts=letter.attempts,
        deliveries=letter.deliveries,
        worker=letter.worker,
        ended_at=letter.died_at,
        reason=letter.reason,
    )
    return JobDetail(
        status=status,
        row=row,
        payload=shown["payload"],
        idempotency_key=letter.idempotency_key,
        trace_id=letter.trace_id,
        deadline=at((shown["options"] or {}).get("deadline")),
        past_attempts=tuple(past_attempts(shown["options"])),
        error=shown["error"],
        dead_letter=letter.id,
    )
