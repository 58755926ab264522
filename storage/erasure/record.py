"""The record of erasures: who did it when, a keyed hash of the person, and counts. Never the person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, select

from storage.tables import erasures


class ErasureRecord(NamedTuple):
    """An erasure that was done.

    Attributes:
        subject_hash: HMAC-SHA-256 of the subject in lower case, with the fleet's key.
        counts: what was changed, by kind.
        remains: what was left, by kind; empty where nothing was.
    """

    id: UUID
    at: datetime
    who: str
    subject_hash: str
    counts: dict[str, int]
    remains: dict[str, int]


_COLUMNS = ("id", "at", "who", "subject_hash", "counts", "remains")


def record(
    connection: Connection, *, who: str, subject_hash: str, counts: Mapping[str, int], remains: Mapping[str, int]
) -> ErasureRecord:
    """Adds one, in a transaction of its own."""
    values: dict[str, Any] = {"counts": dict(counts), "remains": dict(remains)}
    added = insert(erasures).values(id=uuid4(), who=who, subject_hash=subject_hash, **values)
    with connection.begin():
        return ErasureRecord(*connection.execute(added.returning(*(erasures.c[name] for name in _COLUMNS))).one())


def records(connection: Connection, *, subject_hash: str | None = None, limit: int = 100) -> Sequence[ErasureRecord]:
    """The latest first; those of one person where its hash is given."""
    row = erasures.c
    query = select(*(row[name] for name in _COLUMNS)).order_by(row.at.desc(), row.id).limit(limit)
    if subject_hash is not None:
        query = query.where(row.subject_hash == subject_hash)
    return [ErasureRecord(*each) for each in connection.execute(query)]
