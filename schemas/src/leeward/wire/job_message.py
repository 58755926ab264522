"""A job as the Dramatiq message that travels."""

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from dramatiq import Message

from leeward.errors import Invalid
from leeward.jobs.canonical import fingerprint
from leeward.jobs.idempotency_key import check_key
from leeward.jobs.job import Job
from leeward.jobs.partition import check_partition
from leeward.jobs.priority import Priority

INHERITED = ("request_id", "traceparent")
"""Options that a job takes over from the job that enqueues it, where its own are not given."""

ORIGIN = "origin"
"""Option of a replay: the id of the job that died first, so that its children keep their keys."""


def message_for(job: Job, **options: Any) -> "Message[Any]":
    """The message for a job, as `fields_for` describes it."""
    return Message(**fields_for(job, **options))


def fields_for(
    job: Job,
    *,
    idempotency_key: str | None = None,
    priority: Priority | None = None,
    partition: str | None = None,
    deadline: timedelta | datetime | None = None,
    job_id: str | None = None,
    request_id: str | None = None,
    traceparent: str | None = None,
) -> dict[str, Any]:
    """The fields of a job's message: actor = its kind, one keyword argument `payload`, everything else in the options.

    Args:
        job: what is to be done.
        idempotency_key: at most 255 characters; the same key and payload is the same job.
        priority: the lane; the job's own default otherwise.
        partition: whose job it is: partitions take turns in their lane, so that one with many jobs does not starve the others.
        deadline: when the job is no longer worth doing: a span from now, or an aware instant; the job's own default otherwise.
        job_id: for callers that keep their own record before they enqueue; must be globally unique.
        request_id: ties the job to what caused it; the job's own id when nothing did.
        traceparent: W3C trace context of the caller.

    Raises:
        Invalid: an empty or overlong idempotency key or partition, or a deadline without a time zone.
    """
    now_ms = round(time.time() * 1000)
    job_id = job_id or os.urandom(16).hex()
    payload = job.to_payload()
    lane = priority or job.default_priority
    options: dict[str, Any] = {
        "priority": lane.value,
        "kind_version": job.version,
        "deadline": _deadline_ms(deadline or job.default_deadline, now_ms),
        "request_id": request_id or job_id,
    }
    if traceparent is not None:
        options["traceparent"] = traceparent
    if partition is not None:
        check_partition(partition)
        options["partition"] = partition
    if idempotency_key is not None:
        check_key(idempotency_key)
        options["idempotency_key"] = idempotency_key
        options["fingerprint"] = fingerprint(job.kind, payload)
    return {
        "queue_name": job.queue,
        "actor_name": job.kind,
        "args": (),
        "kwargs": {"payload": payload},
        "options": options,
        "message_id": job_id,
        "message_timestamp": now_ms,
    }


def _deadline_ms(deadline: timedelta | datetime, now_ms: int) -> int:
    if isinstance(deadline, timedelta):
        return now_ms + int(deadline.total_seconds() * 1000)
    if deadline.tzinfo is None:
        raise Invalid("the deadline needs a time zone: use datetime.now(UTC) + ..., or a timedelta")
    return int(deadline.astimezone(UTC).timestamp() * 1000)
