"""What a replay would do if it were made now. Changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.letter.queries import Group
from storage.replays.selection import Selection
from storage.tables import dead_letters

UNCHECKED = (DeadReason.INVALID, DeadReason.EXPIRED, DeadReason.UNKNOWN_ACTOR)
"""Jobs with these reasons may never have passed the contract; all others have, at the worker that ran them."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the table shows.

    Attributes:
        replayed: what would be enqueued.
        refused: how many would be refused, by why.
        held_back: how many `unknown_outcome` dead letters would be left alone.
    """

    replayed: list[Group]
    refused: dict[str, int]
    held_back: int


class Unchecked(NamedTuple):
    """A dead letter whose message must be read to know whether it can be replayed."""

    provider: str
    actor: str
    reason: str
    message: bytes


def forecast(connection: Connection, selection: Selection) -> Forecast:
    """Counts by provider, actor and reason, and what is refused by why; the largest first. The selection's limit is not looked at.

    Raises:
        InvalidFilter: the filter asks for states that cannot be replayed.
    """
    row = dead_letters.c
    why = selection.refusal()
    by = (row.provider, row.actor, row.reason)
    most = func.count().desc()
    free = select(*by, func.count()).where(*selection.taken(), why.is_(None)).group_by(*by).order_by(most, *by)
    refused = select(why, func.count()).where(*selection.taken(), why.is_not(None)).group_by(why).order_by(most, why)
    held: list[ColumnElement[bool]] = selection.held_back()
    return Forecast(
        [Group(*each) for each in connection.execute(free)],
        {str(reason): int(letters) for reason, letters in connection.execute(refused)},
        int(connection.execute(select(func.count()).select_from(dead_letters).where(*held)).scalar_one()),
    )


def unchecked(connection: Connection, selection: Selection) -> Iterator[Unchecked]:
    """Those of the forecast's `replayed` that may be refused after all; any number fits in memory.

    Raises:
        InvalidFilter: the filter asks for states that cannot be replayed.
    """
    row = dead_letters.c
    message: ColumnElement[Any] = func.coalesce(row.edited_message, row.message)
    query = select(row.provider, row.actor, row.reason, message)
    query = query.where(*selection.taken(), selection.refusal().is_(None), row.reason.in_(UNCHECKED))
    for found in connection.execute(query.execution_options(stream_results=True, yield_per=200)):
        yield Unchecked(*found)
