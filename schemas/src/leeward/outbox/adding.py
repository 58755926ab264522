"""Adding jobs to the outbox: in the caller's transaction, and enqueued if and only if that commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.jobs.job import Job
from leeward.jobs.priority import Priority, PriorityName
from leeward.outbox.connection import write, write_async
from leeward.outbox.row import Row, row_for
from leeward.request import Request

if TYPE_CHECKING:
    from leeward.outbox.connection import AsynchronousConnection, SyncConnection


@dataclass(frozen=True, slots=True)
class Added:
    """A job in the outbox.

    Attributes:
        job_id: the id that it will be enqueued with: for `Leeward.status`, which does not know the job before it is enqueued. Where the
            idempotency key turns out to belong to a job that does the same work, that job keeps its own id.
    """

    job_id: str
    provider: str


def add(
    connection: "SyncConnection",
    job: Job,
    *,
    idempotency_key: str | None = None,
    delay: timedelta | None = None,
    priority: Priority | PriorityName | None = None,
    deadline: timedelta | datetime | None = None,
    partition: str | None = None,
    run_at: datetime | None = None,
    request_id: str | None = None,
    traceparent: str | None = None,
    tags: Sequence[str] = (),
    then: Job | Request | Sequence[Job | Request] = (),
) -> Added:
    """Writes a job in the caller's transaction. It is enqueued soon after the commit, once; after a rollback there is none.

    All options are those of `Leeward.enqueue`. Delay and deadline count from now on, and not from when the relay comes to it.

    Args:
        connection: a `Session` or `Connection` of SQLAlchemy or a `Connection` of psycopg 3, to PostgreSQL.
        job: what is to be done.
        idempotency_key: the same key and payload is the same job. That a key belongs to other work is found by the relay, which keeps the
            row aside: docs/outbox.md.
        delay: how long the job waits before it may start.
        priority: the lane.
        deadline: until when it is worth doing.
        partition: whose job it is.
        run_at: when it may start, in place of `delay`.
        request_id: what caused it.
        traceparent: W3C trace context of the caller.
        tags: texts by which people find it again.
        then: its follow-ups, each sent once when the job is done.

    Raises:
        MessageTooLarge: over 256 KiB encoded.
        Invalid: an impossible option, or a connection that is in no transaction, asynchronous or not of PostgreSQL. Nothing was written.
    """
    request = Request(
        job, idempotency_key, delay, priority, deadline, partition, run_at, request_id, traceparent, tags, then
    )
    return add_many(connection, [request])[0]


def add_many(connection: "SyncConnection", requests: Iterable[Request | Job]) -> list[Added]:
    """Writes many jobs with one statement. They are enqueued in this order where they are of one lane and partition.

    Raises:
        MessageTooLarge, Invalid: as `add`. Nothing was written.
    """
    rows = _rows(requests)
    if rows:
        write(connection, rows)
    return _added(rows)


async def add_async(
    connection: "AsynchronousConnection",
    job: Job,
    *,
    idempotency_key: str | None = None,
    delay: timedelta | None = None,
    priority: Priority | PriorityName | None = None,
    deadline: timedelta | datetime | None = None,
    partition: str | None = None,
    run_at: datetime | None = None,
    request_id: str | None = None,
    traceparent: str | None = None,
    tags: Sequence[str] = (),
    then: Job | Request | Sequence[Job | Request] = (),
) -> Added:
    """`add` for an `AsyncSession` or `AsyncConnection` of SQLAlchemy or an `AsyncConnection` of psycopg 3.

    Raises:
        MessageTooLarge, Invalid: as `add`.
    """
    request = Request(
        job, idempotency_key, delay, priority, deadline, partition, run_at, request_id, traceparent, tags, then
    )
    return (await add_many_async(connection, [request]))[0]


async def add_many_async(connection: "AsynchronousConnection", requests: Iterable[Request | Job]) -> list[Added]:
    """`add_many` for asynchronous connections.

    Raises:
        MessageTooLarge, Invalid: as `add`.
    """
    rows = _rows(requests)
    if rows:
        await write_async(connection, rows)
    return _added(rows)


def _rows(requests: Iterable[Request | Job]) -> list[Row]:
    return [row_for(request if isinstance(request, Request) else Request(request)) for request in requests]


def _added(rows: Sequence[Row]) -> list[Added]:
    return [Added(row.job_id, row.provider) for row in rows]
