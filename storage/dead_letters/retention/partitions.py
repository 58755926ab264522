"""The partitions of `dead_letters`: one a month, made before it comes; `dead_letters_rest` takes what belongs to none."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Connection, TableClause, column, table, text

from storage.database.lock_timeout import SchemaBusy, together
from storage.dead_letters.retention.months import Month
from storage.tables import dead_letters

AHEAD = 3
"""How many months after the present one have their partition."""
BEHIND = timedelta(days=730)
"""How old what is imported may be to get a partition of its month."""
REST = "dead_letters_rest"
MOVED_AT_ONCE = 1_000
"""Rows that may be moved while others wait, for less than a second also on a busy machine (`script/bench retention`)."""
LOCK = 0x6C65_6577_6172_6402
"""An advisory lock: who adds or takes away partitions is alone."""

_log = structlog.get_logger(__name__)
_BOUND = re.compile(r"FROM \((?:MINVALUE|'([0-9a-f-]{36})')\) TO \('([0-9a-f-]{36})'\)")


@dataclass(frozen=True, slots=True)
class Partition:
    """A span of ids and the table that holds them.

    Attributes:
        table: its name.
        lower: the lowest id that belongs to it; None for the beginning of time.
        upper: the lowest id beyond it.
    """

    table: str
    lower: UUID | None
    upper: UUID

    def overlaps(self, month: Month) -> bool:
        return self.upper > month.first_id and (self.lower is None or self.lower < month.next.first_id)


def partitions(connection: Connection) -> list[Partition]:
    """Those that there are, `dead_letters_rest` left out, the oldest first."""
    query = text(
        "SELECT relname, pg_get_expr(relpartbound, pg_class.oid) AS bound FROM pg_inherits JOIN pg_class ON inhrelid = pg_class.oid"
        " WHERE inhparent = to_regclass('dead_letters')"
    )
    bounds = [(name, _BOUND.search(bound)) for name, bound in connection.execute(query)]
    found = [Partition(name, UUID(b[1]) if b[1] else None, UUID(b[2])) for name, b in bounds if b]
    return sorted(found, key=lambda partition: partition.upper)


def make_ahead(connection: Connection, now: datetime, *, attempts: int = 1) -> list[str]:
    """Makes the partitions of this month and the next ones that are missing; returns their names.

    What already lies in `dead_letters_rest` and belongs to such a month is moved. Any number may do so at once, beside anybody who reads
    and writes: those wait for a moment at most.

    Args:
        connection: not in a transaction.
        now: the time.
        attempts: how often to try to get a month's locks.

    Raises:
        SchemaBusy: they were not to be had. Try again later: there is a default partition, so that nothing depends on it.
    """
    wanted = [Month.of(now)]
    while len(wanted) <= AHEAD:
        wanted.append(wanted[-1].next)
    return _make_missing(connection, wanted, attempts)


def make_for(connection: Connection, ids: Collection[UUID], now: datetime, *, attempts: int = 1) -> list[str]:
    """The same for the months of these ids, back to `BEHIND` and up to the present: no wrong clock may make a partition for a year in
    another century.

    Raises:
        SchemaBusy: as `make_ahead`.
    """
    return _make_missing(connection, [month for month in _months_behind(now) if month.holds(ids)], attempts)


def columns(connection: Connection) -> str:
    """The columns that are written, for a statement that copies rows from one partition into another."""
    query = text(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = 'dead_letters'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
    )
    return str(connection.execute(query).scalar_one())


def table_like(name: str) -> TableClause:
    """A partition by its name, with the columns of `dead_letters`."""
    return table(name, *(column(each.name, each.type) for each in dead_letters.columns))


def _months_behind(now: datetime) -> Iterator[Month]:
    month = Month.of(now - BEHIND)
    while month <= Month.of(now):
        yield month
        month = month.next


def _make_missing(connection: Connection, wanted: Sequence[Month], attempts: int) -> list[str]:
    with connection.begin():
        present = partitions(connection)
    missing = [month for month in wanted if not any(each.overlaps(month) for each in present)]
    return [month.partition for month in missing if _made(connection, month, attempts)]


def _made(connection: Connection, month: Month, attempts: int) -> bool:
    with connection.begin():
        if not connection.execute(text(f"SELECT pg_try_advisory_xact_lock({LOCK})")).scalar():
            raise SchemaBusy(1)
        if any(each.overlaps(month) for each in partitions(connection)):
            return False  # another process was first
        if _strays(connection, month) > MOVED_AT_ONCE:
            _log.warning("month_stays_in_default_partition", month=month.partition, table=REST)
            return False
        together(connection, lambda: _make(connection, month), attempts=attempts)
    return True


def _strays(connection: Connection, month: Month) -> int:
    strays = f"SELECT FROM {REST} WHERE {_within(month)} LIMIT {MOVED_AT_ONCE + 1}"
    return int(connection.execute(text(f"SELECT count(*) FROM ({strays}) AS strays")).scalar_one())  # noqa: S608 # as below


def _make(connection: Connection, month: Month) -> None:
    written, made = columns(connection), month.partition
    # Attached when it is ready: only that needs the default partition alone, and nothing needs the whole table alone.
    like = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION"
    connection.execute(text(f"CREATE TABLE {made} (LIKE dead_letters {like})"))
    connection.execute(text(f"LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE"))
    # Of names that the database or this module gave.
    moved = f"WITH moved AS (DELETE FROM {REST} WHERE {_within(month)} RETURNING {written})"  # noqa: S608
    connection.execute(text(f"{moved} INSERT INTO {made} ({written}) SELECT {written} FROM moved"))  # noqa: S608
    bounds = f"FROM ('{month.first_id}') TO ('{month.next.first_id}')"
    connection.execute(text(f"ALTER TABLE dead_letters ATTACH PARTITION {made} FOR VALUES {bounds}"))


def _within(month: Month) -> str:
    return f"id >= '{month.first_id}' AND id < '{month.next.first_id}'"
