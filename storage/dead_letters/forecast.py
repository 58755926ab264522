"""What a replay would do, and what it must refuse."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from storage.dead_letter_events import EventKind, NewEvent, record
from storage.dead_letters.filter import Filter
from storage.dead_letters.reading import Group, grouped
from storage.dead_letters.replay import open_ones, replayable
from storage.tables import dead_letters

REFUSALS = 1_000


class Refusal(NamedTuple):
    """A dead letter that cannot be replayed, and why, in words for a person."""

    dead_letter_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a replay with a filter would do if it ran now.

    Attributes:
        replayed: what it would enqueue.
        refused: how many it would refuse, by why.
    """

    replayed: list[Group]
    refused: dict[str, int]


def forecast(connection: Connection, filter_: Filter) -> Forecast:
    """The dry run of `claim_for_replay`. Changes nothing.

    Raises:
        InvalidFilter: the filter asks for states that cannot be replayed.
    """
    row = dead_letters.c
    refused = (
        select(row.replay_refusal, func.count())
        .where(*open_ones(filter_), row.replay_refusal.is_not(None))
        .group_by(row.replay_refusal)
        .order_by(func.count().desc())
    )
    counts = {str(why): int(letters) for why, letters in connection.execute(refused)}
    return Forecast(grouped(connection, replayable(filter_)), counts)


def refuse(connection: Connection, filter_: Filter, *, who: str, limit: int = REFUSALS) -> list[Refusal]:
    """The matching dead letters that a replay has to pass over, oldest first; that they were is added to their audit.

    Raises:
        InvalidFilter: the filter asks for states that cannot be replayed.
    """
    row = dead_letters.c
    query = select(row.id, row.replay_refusal).where(*open_ones(filter_), row.replay_refusal.is_not(None))
    found = [Refusal(*each) for each in connection.execute(query.order_by(row.id).limit(limit))]
    record(connection, [NewEvent(id_, EventKind.REFUSED, who, detail={"why": why}) for id_, why in found])
    return found
