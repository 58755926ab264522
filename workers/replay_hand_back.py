"""Giving claimed dead letters back that turned out not to be replayable."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, case, func, select, update

from storage.dead_letter_events import EventKind, NewEvent, record
from storage.state import State
from storage.tables import dead_letters


def hand_back(connection: Connection, refused: Mapping[UUID, str], *, who: str) -> None:
    """Takes back this replay's claims on these dead letters: they are open again, and their audit says why.

    Args:
        connection: in a transaction.
        refused: for each dead letter why it was refused.
        who: on whose behalf.
    """
    row = dead_letters.c
    claimed = select(row.id).where(row.id.in_(refused), row.state == State.REQUEUED, row.replayed_at.is_(None))
    ids = list(connection.execute(claimed.order_by(row.id).with_for_update()).scalars())
    change = update(dead_letters).where(row.id.in_(ids))
    change = change.values(
        state=case((row.owner.is_(None), State.FAILED.value), else_=State.REVIEWING.value),
        replayed_as=None,
        replay_runner=None,
        version=row.version + 1,
        updated_at=func.now(),
    )
    for id_, state in connection.execute(change.returning(row.id, row.state)).all():
        event = NewEvent(id_, EventKind.REFUSED, who, State.REQUEUED, State(state), {"why": refused[id_]})
        record(connection, [event])
