"""Dead letters whose job was done after all."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from storage.dead_letters.audit import EventKind, NewEvent, record
from storage.dead_letters.letter.row_locks import lock_in_order
from storage.dead_letters.state import State
from storage.replays.outcomes import note_done
from storage.tables import dead_letters


def mark_recovered(connection: Connection, jobs: Mapping[UUID, str]) -> int:
    """Ends requeued dead letters whose replayed job is done, and those that they in turn are replays of.

    Args:
        connection: in a transaction.
        jobs: for each dead letter the job that is done.

    Returns:
        How many changed; those that were not `requeued`, or are not there, stay as they are.
    """
    ids = lock_in_order(connection, _with_ancestors(connection, jobs))
    row = dead_letters.c
    change = update(dead_letters).where(row.id.in_(ids), row.state == State.REQUEUED)
    change = change.values(
        state=State.RECOVERED,
        version=row.version + 1,
        updated_at=func.now(),
        replayed_at=func.coalesce(row.replayed_at, func.now()),
        finished_at=func.coalesce(row.finished_at, func.now()),
    )
    recovered = connection.execute(change.returning(row.id, row.replayed_as)).all()
    events = [
        NewEvent(
            each.id,
            EventKind.RECOVERED,
            from_state=State.REQUEUED,
            to_state=State.RECOVERED,
            detail={"job": jobs.get(each.id, each.replayed_as)},
        )
        for each in recovered
    ]
    note_done(connection, [each.id for each in recovered])
    record(connection, events)
    return len(events)


def _with_ancestors(connection: Connection, ids: Mapping[UUID, str]) -> list[UUID]:
    row = dead_letters.c
    line = select(row.id, row.replay_of).where(row.id.in_(list(ids))).cte("line", recursive=True)
    line = line.union(select(row.id, row.replay_of).where(row.id == line.c.replay_of))
    return list(connection.execute(select(line.c.id)).scalars())
