"""Looking at replays. Nothing here changes a row."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select, tuple_

from leeward.actions import ListReplays
from leeward.errors import NotFound
from storage.replays.state import ItemOutcome, ReplayState
from storage.replays.views import Item, Replay
from storage.tables import replay_items, replays

PAGE_SIZE = 50


class UnknownReplay(NotFound):
    """Raised when there is no replay with this id.

    Attributes:
        id: the id, or the beginning that was given.
    """

    code = "replay_not_found"
    actions = (ListReplays(),)

    def __init__(self, id_: UUID | str) -> None:
        super().__init__(f"there is no replay {id_}")
        self.id = id_


class ReplayPage(NamedTuple):
    """A part of the list, newest first. `after` leads to the next part; None at the end."""

    rows: list[Replay]
    after: tuple[datetime, UUID] | None


def get(connection: Connection, id_: UUID, *, lock: bool = False) -> Replay:
    """One replay. With `lock` no other transaction changes it before this one ends.

    Raises:
        UnknownReplay: there is none.
    """
    query = select(replays).where(replays.c.id == id_)
    found = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise UnknownReplay(id_)
    return Replay.of(found)


def page(
    connection: Connection,
    *,
    states: Sequence[ReplayState] = (),
    limit: int = PAGE_SIZE,
    after: tuple[datetime, UUID] | None = None,
) -> ReplayPage:
    """One page of the replays."""
    row = replays.c
    query = select(replays)
    if states:
        query = query.where(row.state.in_(states))
    if after is not None:
        query = query.where(tuple_(row.created_at, row.id) < tuple_(*after))
    found = connection.execute(query.order_by(row.created_at.desc(), row.id.desc()).limit(limit + 1)).all()
    rows = [Replay.of(each) for each in found[:limit]]
    return ReplayPage(rows, (rows[-1].created_at, rows[-1].id) if len(found) > limit else None)


def counts(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[ItemOutcome, int]]:
    """How many items of each replay have each outcome; every replay and every outcome is there."""
    row = replay_items.c
    query = select(row.replay_id, row.outcome, func.count()).where(row.replay_id.in_(ids))
    query = query.group_by(row.replay_id, row.outcome)
    found = {(id_, outcome): int(items) for id_, outcome, items in connection.execute(query)}
    return {id_: {outcome: found.get((id_, outcome.value), 0) for outcome in ItemOutcome} for id_ in ids}


def items(
    connection: Connection,
    id_: UUID,
    *,
    outcomes: Sequence[ItemOutcome] = (),
    limit: int = PAGE_SIZE,
    after: int = 0,
) -> list[Item]:
    """The items of a replay behind a position, in their order."""
    row = replay_items.c
    query = select(*(row[field.name] for field in fields(Item))).where(row.replay_id == id_, row.position > after)
    if outcomes:
        query = query.where(row.outcome.in_(outcomes))
    return [Item.of(each) for each in connection.execute(query.order_by(row.position).limit(limit))]
