"""How much waits in an outbox, and what is kept aside."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text


class WaitingRows(NamedTuple):
    """Rows of one provider that are still to be enqueued."""

    provider: str
    rows: int
    oldest: timedelta


class Refused(NamedTuple):
    """How many rows of one provider are kept aside for one reason."""

    provider: str
    code: str
    rows: int


class RefusedJob(NamedTuple):
    """One row that is kept aside."""

    job_id: str
    provider: str
    kind: str
    code: str
    reason: str
    added_at: datetime
    refused_at: datetime


_WAITING = text(
    "SELECT provider, count(*), greatest(clock_timestamp() - min(added_at), interval '0') FROM leeward_outbox"
    " WHERE refused_code IS NULL GROUP BY provider ORDER BY provider"
)
_REFUSED = text(
    "SELECT provider, refused_code, count(*) FROM leeward_outbox WHERE refused_code IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
)
_REFUSED_JOBS = text(
    "SELECT job_id, provider, kind, refused_code, refused_reason, added_at, refused_at FROM leeward_outbox"
    " WHERE refused_code IS NOT NULL ORDER BY id LIMIT :most"
)
_BEGINNING = text(
    "SELECT job_id FROM leeward_outbox WHERE refused_code IS NOT NULL AND starts_with(job_id, :beginning)"
    " ORDER BY job_id LIMIT :most"
)
_OF_CODE = text("SELECT DISTINCT split_part(place, ':', 1) FROM leeward_outbox WHERE refused_code = :code")
_RETURN = "UPDATE leeward_outbox SET refused_at = NULL, refused_code = NULL, refused_reason = NULL WHERE refused_code IS NOT NULL"
_RETURN_ALL = text(f"{_RETURN} RETURNING job_id")
_RETURN_SOME = text(f"{_RETURN} AND job_id = ANY (CAST(:job_ids AS text[])) RETURNING job_id")
_RETURN_QUEUE = text(f"{_RETURN} AND refused_code = :code AND split_part(place, ':', 1) = :queue")
_DISCARD = text(
    "DELETE FROM leeward_outbox WHERE refused_code IS NOT NULL AND job_id = ANY (CAST(:job_ids AS text[])) RETURNING job_id"
)


def waiting(connection: Connection) -> list[WaitingRows]:
    return [WaitingRows(*row) for row in connection.execute(_WAITING)]


def refused(connection: Connection) -> list[Refused]:
    return [Refused(*row) for row in connection.execute(_REFUSED)]


def refused_jobs(connection: Connection, most: int) -> list[RefusedJob]:
    """The oldest."""
    return [RefusedJob(*row) for row in connection.execute(_REFUSED_JOBS, {"most": most})]


def refused_beginning(connection: Connection, beginning: str, most: int) -> list[str]:
    """Rows that are kept aside and whose job ids begin so."""
    return list(connection.execute(_BEGINNING, {"beginning": beginning, "most": most}).scalars())


def queues_refused_for(connection: Connection, code: str) -> list[str]:
    """Queues of the rows that are kept aside for one reason."""
    return list(connection.execute(_OF_CODE, {"code": code}).scalars())


def return_queue(connection: Connection, code: str, queue: str) -> int:
    """Lets the rows of a queue that are kept aside for one reason wait again; returns how many."""
    return connection.execute(_RETURN_QUEUE, {"code": code, "queue": queue}).rowcount


def return_rows(connection: Connection, job_ids: Sequence[str] | None) -> list[str]:
    """Lets rows that are kept aside wait again: these, or all; returns those that were there. They wait in their old order."""
    if job_ids is None:
        return list(connection.execute(_RETURN_ALL).scalars())
    return list(connection.execute(_RETURN_SOME, {"job_ids": list(job_ids)}).scalars())


def discard(connection: Connection, job_ids: Sequence[str]) -> list[str]:
    """Deletes rows that are kept aside; returns those that were there."""
    return list(connection.execute(_DISCARD, {"job_ids": list(job_ids)}).scalars())
