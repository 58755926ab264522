"""Adding jobs to the outbox: in the caller's transaction, and enqueued if and only if that commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.jobs.job import Job
from leeward.jobs.priority import Priority
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
    priority: Priority | None = None,
    deadline: timedelta | datetime | None = None,
    partition: str | None = None,
) -> Added:
    """Writes a job in the caller's transaction. It is enqueued soon after the commit, once; after a rollback there is none.

    The options are those of `Leeward.enqueue`. Delay and deadline count from now on.

    Args:
        connection: a `Session` or `Connection` of SQLAlchemy or a `Connection` of psycopg 3, to PostgreSQL.
        job: what is to be done.
        idempotency_key: the same key and payload is the same job. A key that turns out to belong to other work is found by the relay, which
            keeps the row aside: docs/outbox.md.
        delay: how long it waits.
        priority: the lane.
        deadline: when the job is no longer worth doing.
        partition: whose job it is.

    Raises:
        MessageTooLarge: over 256 KiB encoded.
        Invalid: an impossible option, or a connection that is in no transaction, asynchronous or not of PostgreSQL. Nothing was written.
    """
    return add_many(connection, [Request(job, idempotency_key, delay, priority, deadline, partition)])[0]


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
    priority: Priority | None = None,
    deadline: timedelta | datetime | None = None,
    partition: str | None = None,
) -> Added:
    """`add` for an `AsyncSession` or `AsyncConnection` of SQLAlchemy or an `AsyncConnection` of psycopg 3.

    Raises:
        MessageTooLarge, Invalid: as `add`.
    """
    return (await add_many_async(connection, [Request(job, idempotency_key, delay, priority, deadline, partition)]))[0]


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
