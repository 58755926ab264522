"""A job as a list shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from leeward.jobs.priority import Priority
from leeward.status import JobState, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedJob:
    """One row; small whatever the job is. What is not kept of a job that has ended is empty.

    Attributes:
        lane: empty where it is not known.
        partition: empty for none.
        enqueued_at: by the clock of its producer.
        due: of a job that is scheduled.
        attempts: attempts spent so far.
        deliveries: how often a worker was given it.
        worker: `host:pid` of the latest delivery.
        suspect: it waits to run apart from other jobs, because processes that ran it stopped.
        ended_at: of a job that has ended.
        reason: why a dead job is dead.
    """

    job_id: str
    provider: str
    state: JobState
    queue: str = ""
    lane: Priority | str = ""
    partition: str = ""
    kind: str = ""
    tags: tuple[str, ...] = ()
    enqueued_at: datetime | None = None
    due: datetime | None = None
    attempts: int = 0
    deliveries: int = 0
    worker: str | None = None
    suspect: bool = False
    ended_at: datetime | None = None
    reason: str | None = None


def opened(message: bytes | None) -> Mapping[str, Any]:
    """The object that an encoded message is; empty for bytes that are none: such a job is listed, too."""
    try:
        body = orjson.loads(message or b"")
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def live_job(
    job_id: str,
    provider: str,
    state: JobState,
    *,
    place: str,
    message: bytes | None,
    due_ms: float | None = None,
    suspect: bool = False,
) -> ListedJob:
    """The row of a job that has not ended, without its deliveries.

    Args:
        job_id: the job.
        provider: its own.
        state: where it was found.
        place: where it waits or waited.
        message: its encoded message.
        due_ms: when it is due, server ms.
        suspect: it waits to run apart from others.
    """
    body = opened(message)
    options = options_of(body)
    queue, lane, partition = (*place.split(":", 2), "", "", "")[:3]
    return ListedJob(
        job_id=job_id,
        provider=provider,
        state=state,
        queue=queue or _text(body.get("queue_name")),
        lane=lane,
        partition=partition,
        kind=_text(body.get("actor_name")),
        tags=tags_of(options),
        enqueued_at=at(body.get("message_timestamp")),
        due=instant(due_ms),
        attempts=_count(options.get("retries")),
        suspect=suspect,
    )


def options_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of an opened message."""
    options = body.get("options")
    return options if isinstance(options, dict) else {}


def tags_of(options: Mapping[str, Any]) -> tuple[str, ...]:
    """What its producer marked it with."""
    tags = options.get("tags")
    return tuple(map(str, tags)) if isinstance(tags, list) else ()


def at(ms: object) -> datetime | None:
    """An instant of a message; None for what is none."""
    if isinstance(ms, bool) or not isinstance(ms, int | float):
        return None
    try:
        return instant(float(ms))
    except (ValueError, OverflowError, OSError):
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
