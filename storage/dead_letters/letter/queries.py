"""Looking at dead letters. Nothing here changes a row."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select

from leeward.actions import ListDeadLetters
from leeward.errors import NotFound
from storage.dead_letters.letter.document import document
from storage.dead_letters.letter.views import Detail
from storage.dead_letters.search.filter import Filter
from storage.tables import dead_letters

_EXPORT_BATCH = 200


class UnknownDeadLetter(NotFound):
    """Raised when there is no dead letter with this id.

    Attributes:
        id: the id, or the beginning that was given.
    """

    code = "dead_letter_not_found"
    actions = (ListDeadLetters(),)

    def __init__(self, id_: UUID | str) -> None:
        super().__init__(f"there is no dead letter {id_}: it never existed, or its retention is over")
        self.id = id_


class Group(NamedTuple):
    """How many dead letters have this in common."""

    provider: str
    actor: str
    reason: str
    letters: int


def get(connection: Connection, id_: UUID) -> Detail:
    """Everything about one dead letter.

    Raises:
        UnknownDeadLetter: there is none.
    """
    found = connection.execute(select(*Detail.columns()).where(dead_letters.c.id == id_)).one_or_none()
    if found is None:
        raise UnknownDeadLetter(id_)
    return Detail.of(found)


def of_job(connection: Connection, job_id: str) -> Detail | None:
    """The latest dead letter of a job; None where there is none."""
    row = dead_letters.c
    query = select(*Detail.columns()).where(row.job_id == job_id).order_by(row.id.desc()).limit(1)
    found = connection.execute(query).one_or_none()
    return None if found is None else Detail.of(found)


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
    """The matching dead letters, oldest first, as `storage.dead_letters.letter.document` makes them; any number fits in memory.

    They are those of one moment: a transaction stays open until the last one is read.
    """
    row = dead_letters.c
    query = select(*Detail.columns()).where(*filter_.conditions()).order_by(row.id)
    for found in connection.execute(query.execution_options(stream_results=True, yield_per=_EXPORT_BATCH)):
        yield document(Detail.of(found))
