"""Looking at dead letters. Nothing here changes a row."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from storage.dead_letters.document import document
from storage.dead_letters.filter import Filter
from storage.dead_letters.stored import Detail, Summary
from storage.tables import dead_letters

PAGE_SIZE = 50
_EXPORT_BATCH = 200


class UnknownDeadLetter(LookupError):
    """Raised when there is no dead letter with this id.

    Attributes:
        id: the id.
    """

    def __init__(self, id_: UUID) -> None:
        super().__init__(
            f"there is no dead letter {id_}: it never was, or its retention is over; see `leeward dlq list`"
        )
        self.id = id_


class Cursor(NamedTuple):
    """Where a page ended."""

    died_at: datetime
    id: UUID


class Page(NamedTuple):
    """A part of a list, newest first. `after` leads to the next part; None at the end."""

    rows: list[Summary]
    after: Cursor | None


class Group(NamedTuple):
    """How many dead letters have this in common."""

    provider: str
    actor: str
    reason: str
    letters: int


def page(connection: Connection, filter_: Filter, *, limit: int = PAGE_SIZE, after: Cursor | None = None) -> Page:
    """One page of the matching dead letters. Costs the same for the first page and the thousandth."""
    row = dead_letters.c
    query = select(*Summary.columns()).where(*filter_.conditions())
    if after is not None:
        query = query.where(tuple_(row.died_at, row.id) < tuple_(*after))
    query = query.order_by(row.died_at.desc(), row.id.desc()).limit(limit + 1)
    found = [Summary.of(each) for each in connection.execute(query)]
    rows = found[:limit]
    return Page(rows, Cursor(rows[-1].died_at, rows[-1].id) if len(found) > limit else None)


def get(connection: Connection, id_: UUID) -> Detail:
    """Everything about one dead letter.

    Raises:
        UnknownDeadLetter: there is none.
    """
    found = connection.execute(select(*Detail.columns()).where(dead_letters.c.id == id_)).one_or_none()
    if found is None:
        raise UnknownDeadLetter(id_)
    return Detail.of(found)


def count_by(connection: Connection, filter_: Filter) -> list[Group]:
    """How many match, by provider, actor and reason; the largest group first."""
    return grouped(connection, filter_.conditions())


def grouped(connection: Connection, conditions: list[ColumnElement[bool]]) -> list[Group]:
    """`count_by` for any conditions."""
    row = dead_letters.c
    by = (row.provider, row.actor, row.reason)
    query = select(*by, func.count()).where(*conditions).group_by(*by).order_by(func.count().desc(), *by)
    return [Group(*each) for each in connection.execute(query)]


def export(connection: Connection, filter_: Filter) -> Iterator[dict[str, Any]]:
    """The matching dead letters, oldest first, as `storage.dead_letters.document` makes them; any number fits in memory.

    They are those of one moment: a transaction stays open until the last one is read.
    """
    row = dead_letters.c
    query = select(*Detail.columns()).where(*filter_.conditions()).order_by(row.died_at, row.id)
    for found in connection.execute(query.execution_options(stream_results=True, yield_per=_EXPORT_BATCH)):
        yield document(Detail.of(found))
