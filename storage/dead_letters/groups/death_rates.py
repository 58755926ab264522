"""How fast jobs die beside how fast they usually do, and how long the open dead letters have been waiting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, case, func, literal, select

from storage.dead_letters.groups.rollup import roll_up
from storage.dead_letters.state import OPEN, State
from storage.tables import dead_letter_group_hours, dead_letter_groups, dead_letters

SPANS: tuple[timedelta, ...] = (timedelta(hours=1), timedelta(hours=24), timedelta(days=7))
AGES: tuple[timedelta, ...] = (timedelta(hours=1), timedelta(hours=24), timedelta(days=7), timedelta(days=30))
"""Where one age of open letters ends and the next begins."""

_HOUR = timedelta(hours=1)
_MILLISECOND = timedelta(milliseconds=1)


class Rate(NamedTuple):
    """Deaths over a span and the same span before it.

    Attributes:
        span: an hour, a day, a week. It began at a full hour, and the part of the present hour that is over belongs to it.
        letters: how many died in it.
        per_hour: the same as a rate.
        usual_per_hour: the rate of the span before.
    """

    span: timedelta
    letters: int
    per_hour: float
    usual_per_hour: float


@dataclass(frozen=True, slots=True)
class Deaths:
    """How fast the jobs of one provider die at one operation; `rates` are in the order of `SPANS`."""

    provider: str
    operation: str | None
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Age:
    """How many open letters are of an age.

    Attributes:
        least: died at least so long ago.
        under: died less long ago; None for the oldest.
    """

    state: State
    least: timedelta
    under: timedelta | None
    letters: int


def deaths(connection: Connection, *, now: datetime) -> list[Deaths]:
    """By provider and operation, those with most deaths in the last day first. Operations without deaths in two weeks are left out.

    Exact but for letters that are not in a group yet. What retention has deleted did not die. Folds first, as `groups` does.
    """
    roll_up(connection)
    hour = dead_letter_group_hours.c
    present = now.replace(minute=0, second=0, microsecond=0)
    sums = []
    for span in SPANS:
        recent, before = present - span, present - 2 * span
        sums += [
            func.coalesce(func.sum(hour.letters).filter(hour.hour >= recent), 0),
            func.coalesce(func.sum(hour.letters).filter(hour.hour >= before, hour.hour < recent), 0),
        ]
    by = (dead_letter_groups.c.provider, dead_letter_groups.c.operation)
    statement = select(*by, *sums).join(dead_letter_groups, dead_letter_groups.c.fingerprint == hour.fingerprint)
    statement = statement.where(hour.hour >= present - 2 * SPANS[-1]).group_by(*by).having(func.sum(hour.letters) > 0)
    found = [Deaths(row[0], row[1], _rates(row[2:], now - present)) for row in connection.execute(statement)]
    return sorted(found, key=lambda one: ([-rate.letters for rate in one.rates[1:]], one.provider, one.operation or ""))


def ages(connection: Connection, *, now: datetime) -> list[Age]:
    """How long the letters without a decision have been waiting; the youngest first. Every age is there, zeros included."""
    row = dead_letters.c
    bounds = [(row.id >= first_id(now - age + _MILLISECOND), literal(position)) for position, age in enumerate(AGES)]
    position = case(*bounds, else_=literal(len(AGES))).label("position")
    statement = select(row.state, position, func.count()).where(row.state.in_(OPEN)).group_by(row.state, position)
    found = {(each[0], each[1]): each[2] for each in connection.execute(statement)}
    edges = [timedelta(0), *AGES]
    return [
        Age(state, least, AGES[number] if number < len(AGES) else None, found.get((state.value, number), 0))
        for state in OPEN
        for number, least in enumerate(edges)
    ]


def first_id(instant: datetime) -> UUID:
    """The least id of whatever died at this instant or later (storage/dead_letters/letter/identity.py)."""
    since_epoch = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return UUID(int=max(0, since_epoch // _MILLISECOND) << 80)


def _rates(sums: Sequence[Any] | Row[Any], of_present_hour: timedelta) -> tuple[Rate, ...]:
    return tuple(
        Rate(
            span,
            int(sums[2 * number]),
            float(sums[2 * number]) / ((span + of_present_hour) / _HOUR),
            float(sums[2 * number + 1]) / (span / _HOUR),
        )
        for number, span in enumerate(SPANS)
    )
