"""Dropping a month's partition, without making others wait and without losing rows.

First, quickly: it is detached, and the few rows that must be kept move to the default partition. No other transaction uses the detached
table, so the rest may take longer: its rows are subtracted from the groups, and it is dropped. A process that dies in between leaves a
table whose name says so, for the next one.
"""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection, or_, select, text
from sqlalchemy.exc import OperationalError

from storage.database.lock_timeout import SchemaBusy, together
from storage.dead_letters.retention.partitions import LOCK, MOVED_AT_ONCE, REST, Partition, columns, table_like
from storage.dead_letters.retention.periods import Retention
from storage.dead_letters.state import OPEN, State

RETIRED = "_retired"
ATTEMPTS = 5
PAUSE = timedelta(milliseconds=500)
_MOMENT_MS = 700
"""A statement of the swap that takes longer is taken back: others wait for it."""


class NotNow(Exception):
    """Raised when a partition cannot go now: it is in use, or too much has come to stay. Nothing was changed; the next time may do."""


def retire(connection: Connection, partition: Partition, retention: Retention, now: datetime) -> Counter[State]:
    """Detaches a partition whose retention is over; what has to stay moves to the default partition, the same in everything.

    Args:
        connection: not in a transaction.
        partition: one that `storage.dead_letters.retention.survey.due` named.
        retention: the periods.
        now: the time.

    Returns:
        How many moved, by state.

    Raises:
        NotNow: it stays as it is.
    """
    with connection.begin():
        # The long scan, while others work. Rows that change until the swap are found there by the indexes.
        staying = _staying(connection, partition.table, retention, now)
    try:
        with connection.begin():
            if not connection.execute(text(f"SELECT pg_try_advisory_xact_lock({LOCK})")).scalar():
                raise NotNow("another process is adding or removing partitions")
            swap = _Swap(connection, partition.table, staying, retention, now)
            return together(connection, swap.run, attempts=ATTEMPTS, pause=PAUSE)
    except SchemaBusy as error:
        raise NotNow(str(error)) from error
    except OperationalError as error:
        if not isinstance(error.orig, QueryCanceled):
            raise
        raise NotNow(f"{partition.table} could not be swapped within {_MOMENT_MS} ms") from error


def left_behind(connection: Connection) -> list[str]:
    """Tables that were detached and not dropped yet."""
    query = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ :name ORDER BY 1")
    return list(connection.execute(query, {"name": f"^dead_letters_.*{RETIRED}$"}).scalars())


def drop(connection: Connection, retired: str) -> Counter[State]:
    """Counts a detached table off the groups and drops it; how many went, by state.

    Args:
        connection: in a transaction.
        retired: a name that `left_behind` gave.
    """
    # As the trigger `count_delete` does: none fires for DROP.
    connection.execute(
        text(f"""
        INSERT INTO dead_letter_changes (fingerprint, state, letters, hour, tenant)
        SELECT fingerprint, state, -count(*), date_trunc('hour', died_at), tenant
        FROM {retired} WHERE fingerprint IS NOT NULL GROUP BY fingerprint, state, date_trunc('hour', died_at), tenant
    """)  # noqa: S608 # a name of ours
    )
    counts = connection.execute(text(f"SELECT state, count(*) FROM {retired} GROUP BY state"))  # noqa: S608 # as above
    dropped = Counter({State(state): letters for state, letters in counts})
    connection.execute(text(f"DROP TABLE {retired}"))
    return dropped


class _Swap:
    """The steps during which others wait."""

    def __init__(
        self, connection: Connection, partition: str, staying: list[UUID], retention: Retention, now: datetime
    ) -> None:
        self._connection = connection
        self._partition = partition
        self._retired = partition + RETIRED
        self._staying = staying
        self._retention = retention
        self._now = now

    def run(self) -> Counter[State]:
        self._execute(f"SET LOCAL statement_timeout = {_MOMENT_MS}")
        self._execute(f"ALTER TABLE dead_letters DETACH PARTITION {self._partition}")
        self._execute(f"ALTER TABLE {self._partition} RENAME TO {self._retired}")
        moved = self._move()
        self._execute("SET LOCAL statement_timeout = 0")
        return moved

    def _move(self) -> Counter[State]:
        staying = self._all_staying()
        written = columns(self._connection)
        rows = f"DELETE FROM {self._retired} WHERE id = ANY(:ids) RETURNING {written}"  # noqa: S608 # names of ours
        # Not through the parent, whose triggers would count as new what only moves.
        move = f"WITH moved AS ({rows}) INSERT INTO {REST} ({written}) SELECT {written} FROM moved RETURNING state"  # noqa: S608 # as above
        found = self._connection.execute(text(move), {"ids": staying}).scalars()
        return Counter(State(state) for state in found)

    def _all_staying(self) -> list[UUID]:
        """Those of the long look, and whatever may have come to stay since: each of these conditions has an index."""
        row = table_like(self._retired).c
        since = or_(
            row.id.in_(self._staying),
            row.state.in_(OPEN),
            row.hold,
            row.finished_at >= self._now - self._retention.longest,
            (row.state == State.REQUEUED) & row.superseded_by.is_(None),
        )
        kept = self._retention.why_kept(self._now, row).is_not(None)
        query = select(row.id).where(since, kept).limit(MOVED_AT_ONCE + 1)
        found = list(self._connection.execute(query).scalars())
        if len(found) > MOVED_AT_ONCE:
            raise NotNow(f"more than {MOVED_AT_ONCE:,} dead letters of {self._partition} have to stay")
        return found

    def _execute(self, statement: str) -> None:
        self._connection.execute(text(statement))


def _staying(connection: Connection, partition: str, retention: Retention, now: datetime) -> list[UUID]:
    row = table_like(partition).c
    query = select(row.id).where(retention.why_kept(now, row).is_not(None)).limit(MOVED_AT_ONCE + 1)
    return list(connection.execute(query).scalars())
