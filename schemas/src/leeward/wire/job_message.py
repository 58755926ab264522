"""A job as the Dramatiq message that travels."""

import os
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dramatiq import Message

from leeward.errors import Invalid
from leeward.jobs.canonical import fingerprint
from leeward.jobs.correlation import tags_of
from leeward.jobs.idempotency_key import check_key
from leeward.jobs.job import Job
from leeward.jobs.partition import check_partition
from leeward.jobs.priority import Priority, PriorityName, priority_of
from leeward.jobs.timing import deadline_ms

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
    priority: Priority | PriorityName | None = None,
    partition: str | None = None,
    deadline: timedelta | datetime | None = None,
    job_id: str | None = None,
    request_id: str | None = None,
    traceparent: str | None = None,
    tags: Sequence[str] = (),
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
        tags: by which people find it again.

    Raises:
        Invalid: it is not a job, or an option is not what it must be; the text says what to pass.
    """
    try:
        payload = job.to_payload()
    except (AttributeError, TypeError):
        # Found out afterwards: pydantic makes asking every job for its type dear.
        if not isinstance(job, Job):
            raise Invalid(no_job(job)) from None
        raise
    now_ms = round(time.time() * 1000)
    job_id = job_id or os.urandom(16).hex()
    lane = job.default_priority if priority is None else priority_of(priority)
    options: dict[str, Any] = {
        "priority": lane.value,
        "kind_version": job.version,
        "deadline": deadline_ms(job.default_deadline if deadline is None else deadline, now_ms),
        "request_id": request_id or job_id,
    }
    if traceparent is not None:
        options["traceparent"] = traceparent
    if partition is not None:
        check_partition(partition)
        options["partition"] = partition
    if tags:
        options["tags"] = tags_of(tags)
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


def no_job(value: object) -> str:
    """What to say of a value that should be a job."""
    if isinstance(value, type) and issubclass(value, Job):
        return f"{value.__name__} is a class of jobs: pass one of its jobs, {value.__name__}(...)"
    if isinstance(value, dict):
        return "a dict is not a job: pass one of its kind's class, for example SyncInvoice(**fields)"
    return f"a job is an instance of a class of jobs, for example SyncInvoice(number='INV-7'); this one is {type(value).__name__}"
