"""What retention says about everything there is, month by month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import REGCLASS

from storage.dead_letters.retention.months import first_id
from storage.dead_letters.retention.partitions import MOVED_AT_ONCE, REST, Partition, partitions
from storage.dead_letters.retention.periods import Retention, Why
from storage.dead_letters.state import State
from storage.tables import dead_letters

MONTH_KEPT = "past its retention, and waits for its month to be"


class Fate(StrEnum):
    """What becomes of a dead letter."""

    DROPPED = "dropped"
    """It goes with its month's whole partition."""
    DELETED = "deleted"
    """From the default partition, a row at a time."""
    MOVED = "moved"
    """To the default partition, because its month is dropped; else as it was."""
    KEPT = "kept"


class Count(NamedTuple):
    """How many dead letters of one partition have this in common; `why` is None when nothing keeps them."""

    partition: str
    state: State
    why: Why | None
    letters: int


@dataclass(frozen=True, slots=True)
class PrunedLine:
    """How many dead letters share a fate.

    Attributes:
        partition: the table that they are in.
        state: where they stand.
        fate: what becomes of them.
        why: why they stay; None for those that go.
        letters: how many.
    """

    partition: str
    state: State
    fate: Fate
    why: str | None
    letters: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What `prune` would do.

    Attributes:
        lines: what becomes of everything there is.
        due: the partitions that go.
    """

    lines: list[PrunedLine]
    due: list[Partition]


def survey(connection: Connection, retention: Retention, now: datetime) -> Survey:
    """What `prune` would do now. Looks at every dead letter, changes nothing."""
    why = retention.why_kept(now).label("why")
    partition = cast(cast(literal_column("dead_letters.tableoid"), REGCLASS), Text).label("partition")
    query = select(partition, dead_letters.c.state, why, func.count()).group_by(
        "partition", dead_letters.c.state, "why"
    )
    counts = [
        Count(table, State(state), None if kept is None else Why(kept), letters)
        for table, state, kept, letters in connection.execute(query.order_by("partition", dead_letters.c.state, "why"))
    ]
    going = due(partitions(connection), counts, retention, now)
    return Survey(fates(counts, going), going)


def due(present: Iterable[Partition], counts: Iterable[Count], retention: Retention, now: datetime) -> list[Partition]:
    """The partitions that can go: nothing in them has to stay, or so little that it is moved when all else must be over.

    One that ended less than the shortest period ago has a future: what died in its last days still comes.
    """
    kept: dict[str, int] = {}
    for count in counts:
        kept[count.partition] = kept.get(count.partition, 0) + (count.letters if count.why else 0)

    def can_go(partition: Partition) -> bool:
        survivors = kept.get(partition.table, 0)
        period = retention.longest if survivors else retention.shortest
        return survivors <= MOVED_AT_ONCE and partition.upper <= first_id(now - period)

    return [partition for partition in present if can_go(partition)]


def fates(counts: Iterable[Count], due_: Iterable[Partition]) -> list[PrunedLine]:
    """What becomes of each of them when these partitions go."""
    going = {partition.table for partition in due_}
    return [
        PrunedLine(count.partition, count.state, *_fate(count, going=count.partition in going), count.letters)
        for count in counts
    ]


def _fate(count: Count, *, going: bool) -> tuple[Fate, str | None]:
    if count.why:
        return (Fate.MOVED if going else Fate.KEPT), count.why
    if going:
        return Fate.DROPPED, None
    return (Fate.DELETED, None) if count.partition == REST else (Fate.KEPT, MONTH_KEPT)
