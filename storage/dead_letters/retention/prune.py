"""Retention, done: what is over is dropped by the month, or deleted; groups and replays that nothing refers to any more go, too."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine, delete, select, text
from sqlalchemy.exc import DBAPIError

from leeward.errors import Conflict
from storage.database.lock_timeout import SchemaBusy
from storage.database.pooler import require_own_session
from storage.dead_letters.groups.rollup import roll_up
from storage.dead_letters.retention.orphans import delete_orphaned_groups, delete_orphaned_replays
from storage.dead_letters.retention.partition_drop import RETIRED, NotNow, drop, left_behind, retire
from storage.dead_letters.retention.partitions import REST, Partition, make_ahead, table_like
from storage.dead_letters.retention.periods import Retention
from storage.dead_letters.retention.survey import Fate, PrunedLine, Survey, survey
from storage.dead_letters.state import State
from storage.tables import dead_letters

BATCH = 1_000
_LOCK = 0x6C65_6577_6172_6403

_log = structlog.get_logger(__name__)


class PruneUnderWay(Conflict):
    """Raised when another prune of this database is at work: there is nothing to do but wait for it."""

    code = "prune_under_way"

    def __init__(self) -> None:
        super().__init__("another prune of these dead letters is running: let it finish, then check with --dry-run")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What retention has done, or would do.

    Attributes:
        lines: what became of the dead letters.
        made: partitions that were made for the months to come.
        replays: replays that went, with their items.
        groups: groups that went: none of their dead letters is there any more.
    """

    lines: list[PrunedLine]
    made: list[str]
    replays: int
    groups: int


def prune(engine: Engine, retention: Retention, now: datetime) -> Pruned:
    """Deletes everything that is past its retention. What could not be done now is reported in `lines`, and done the next time.

    Beside drainers, triage and replays, which wait for a moment at most. Safe to run again, also after a crash. Holds a session of its
    own: a pooler between us and the server must pool sessions.

    Raises:
        PruneUnderWay: nothing was done.
        sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached; every step before is done.
    """
    with _alone(engine) as connection:
        made = _made(connection, now)
        lines = [line for table in _left_behind(connection) for line in _dropped(connection, table)]
        with connection.begin():
            found = survey(connection, retention, now)
        lines += _carried_out(connection, found, retention, now)
        return Pruned(
            lines,
            made,
            delete_orphaned_replays(connection, now - retention.replays),
            _tidied(connection, retention, now),
        )


def _carried_out(connection: Connection, found: Survey, retention: Retention, now: datetime) -> Iterator[PrunedLine]:
    yield from (line for line in found.lines if line.fate is Fate.KEPT)
    for partition in found.due:
        try:
            yield from _retired(connection, partition, retention, now)
        except (NotNow, DBAPIError) as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            # One month that cannot be dropped keeps no other.
            _log.warning("month_not_dropped", month=partition.table, why=_why(error))
            going = (line for line in found.lines if line.partition == partition.table)
            yield from (replace(line, fate=Fate.KEPT, why=line.why or f"not now: {_why(error)}") for line in going)
    yield from _lines(REST, Fate.DELETED, _deleted(connection, retention, now))


def _why(error: NotNow | DBAPIError) -> str:
    return str(error) if isinstance(error, NotNow) else str(error.orig)


def _retired(connection: Connection, partition: Partition, retention: Retention, now: datetime) -> Iterator[PrunedLine]:
    moved = retire(connection, partition, retention, now)
    yield from _lines(partition.table, Fate.MOVED, moved)
    yield from _dropped(connection, partition.table + RETIRED)


def _dropped(connection: Connection, retired: str) -> list[PrunedLine]:
    with connection.begin():
        return _lines(retired.removesuffix(RETIRED), Fate.DROPPED, drop(connection, retired))


def _deleted(connection: Connection, retention: Retention, now: datetime) -> Counter[State]:
    """From the default partition, a batch a transaction; rows that another transaction has locked are left for the next time."""
    row, there, deleted = dead_letters.c, table_like(REST).c, Counter[State]()
    batch = select(there.id).where(retention.over(now, there)).order_by(there.id).limit(BATCH)
    while True:
        with connection.begin():
            ids = connection.execute(batch.with_for_update(skip_locked=True)).scalars().all()
            # Through the parent, whose triggers count them off their groups.
            gone = delete(dead_letters).where(row.id.in_(ids), retention.over(now)).returning(row.state)
            deleted.update(State(state) for state in connection.execute(gone).scalars())
        if not ids:
            return deleted


def _lines(partition: str, fate: Fate, counts: Counter[State]) -> list[PrunedLine]:
    return [PrunedLine(partition, state, fate, None, letters) for state, letters in sorted(counts.items()) if letters]


def _left_behind(connection: Connection) -> Iterable[str]:
    with connection.begin():
        return left_behind(connection)


def _made(connection: Connection, now: datetime) -> list[str]:
    try:
        return make_ahead(connection, now, attempts=3)
    except SchemaBusy:
        return []  # there is time: any host makes it, months ahead


def _tidied(connection: Connection, retention: Retention, now: datetime) -> int:
    with connection.begin():
        # A group that still has something to be counted stays.
        roll_up(connection)
    try:
        return delete_orphaned_groups(connection, now - retention.longest)
    except SchemaBusy:
        return 0


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    require_own_session(engine, "retention")
    with engine.connect() as connection:
        with connection.begin():
            if not connection.execute(text(f"SELECT pg_try_advisory_lock({_LOCK})")).scalar():
                raise PruneUnderWay
        try:
            yield connection
        finally:
            # Never back into the pool: it may still hold the lock.
            connection.invalidate()
