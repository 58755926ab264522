"""What is left when dead letters have gone: groups, hours and tenants that count nothing, replays that ended long ago."""

from datetime import datetime

from sqlalchemy import Connection, Select, delete, exists, select, text

from storage.database.lock_timeout import together
from storage.replays.state import ReplayState
from storage.tables import (
    dead_letter_changes,
    dead_letter_group_hours,
    dead_letter_group_tenants,
    dead_letter_groups,
    dead_letters,
    replay_items,
    replays,
)

ENDED = (ReplayState.CANCELLED, ReplayState.FINISHED)
"""A stopped one may still be resumed."""
_BATCH = 5_000


def delete_orphaned_groups(connection: Connection, before: datetime) -> int:
    """Deletes groups without a single dead letter that were last seen before an instant, and what counts nothing for others.

    Args:
        connection: not in a transaction.
        before: the instant.

    Returns:
        How many groups went.

    Raises:
        SchemaBusy: another transaction has been writing for a long time.
    """
    with connection.begin():
        for counted in (dead_letter_group_hours, dead_letter_group_tenants):
            connection.execute(delete(counted).where(counted.c.letters == 0))
    with connection.begin():
        if not connection.execute(select(_empty(before).exists())).scalar():
            return 0
        return together(connection, lambda: _without_empty(connection, before), attempts=3)


def delete_orphaned_replays(connection: Connection, before: datetime) -> int:
    """Deletes replays that ended before an instant, their items first, a batch a transaction; returns how many.

    Args:
        connection: not in a transaction.
        before: the instant.
    """
    over = (replays.c.state.in_(ENDED), replays.c.ended_at < before)
    gone = 0
    while True:
        with connection.begin():
            id_ = connection.execute(select(replays.c.id).where(*over).limit(1)).scalar()
            if id_ is None:
                return gone
            item = replay_items.c
            batch = select(item.position).where(item.replay_id == id_).limit(_BATCH)
            items = delete(replay_items).where(item.replay_id == id_, item.position.in_(batch))
            if not connection.execute(items).rowcount:
                gone += connection.execute(delete(replays).where(replays.c.id == id_)).rowcount


def _without_empty(connection: Connection, before: datetime) -> int:
    # Who inserts letters inserts their groups in the same transaction: held off here until its letters can be seen.
    connection.execute(text("LOCK TABLE dead_letter_groups IN SHARE ROW EXCLUSIVE MODE"))
    row = dead_letter_groups.c
    gone = delete(dead_letter_groups).where(row.fingerprint.in_(_empty(before))).returning(row.fingerprint)
    fingerprints = list(connection.execute(gone).scalars())
    for counted in (dead_letter_group_hours, dead_letter_group_tenants):
        connection.execute(delete(counted).where(counted.c.fingerprint.in_(fingerprints)))
    return len(fingerprints)


def _empty(before: datetime) -> Select[str]:
    row = dead_letter_groups.c
    return select(row.fingerprint).where(
        (row.last_seen < before) | row.last_seen.is_(None),
        ~exists().where(dead_letters.c.fingerprint == row.fingerprint),
        ~exists().where(dead_letter_changes.c.fingerprint == row.fingerprint),
    )
