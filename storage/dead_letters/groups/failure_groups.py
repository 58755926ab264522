"""Failures with one cause: how many, since when, where they are going, whom they touch, and what to do about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Integer, Row, Text, any_, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from leeward.actions import ListGroups
from leeward.errors import NotFound
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.groups.diagnosis import Diagnosis, diagnose
from storage.dead_letters.groups.group_query import GroupCursor, GroupQuery
from storage.dead_letters.groups.rollup import roll_up
from storage.dead_letters.groups.symptom import Symptom
from storage.dead_letters.groups.trend import HOURS, Direction, direction
from storage.dead_letters.letter.repeatable import is_repeatable
from storage.dead_letters.state import OPEN, State
from storage.tables import dead_letter_group_hours, dead_letter_group_tenants, dead_letter_groups, dead_letters

PAGE_SIZE = 50
TOP_TENANTS = 10
OWNERS_LOOK_AT = 1_000
"""How many of a group's newest letters are used to list its owners."""
UNGROUPED_LIMIT = 10_000
"""Counting further would take a while, and say no more."""

_HOUR = timedelta(hours=1)
_NO_DEATHS = (0,) * HOURS


class UnknownGroup(NotFound):
    """Raised when no letter has this fingerprint.

    Attributes:
        fingerprint: as it was asked for.
    """

    code = "group_not_found"
    actions = (ListGroups(any_state=True),)

    def __init__(self, fingerprint: str) -> None:
        super().__init__(f"there is no group {fingerprint!r} of dead letters")
        self.fingerprint = fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """A group of failures.

    Attributes:
        message: of its errors, with what differs from job to job left out.
        frame: where in the code they end: the deepest of ours or of the user's own.
        letters: how many there are in each state.
        first_seen: of all that ever were, also of those whose retention is over.
        hours: how many died in each of the last 48 hours, the oldest first, the present hour last.
        sample, reason, status: of the newest letter; None when none is left.
        suggestion: what to do next; None when no letter is left.
    """

    fingerprint: str
    provider: str
    operation: str | None
    error_type: str | None
    message: str | None
    frame: str | None
    letters: dict[State, int]
    first_seen: datetime | None
    last_seen: datetime | None
    hours: tuple[int, ...]
    direction: Direction
    sample: UUID | None
    reason: DeadReason | None
    status: int | None
    suggestion: Diagnosis | None

    @property
    def open(self) -> int:
        """How many have no decision yet."""
        return sum(self.letters[state] for state in OPEN)

    @property
    def total(self) -> int:
        return sum(self.letters.values())


class GroupPage(NamedTuple):
    """A part of a list. `after` leads to the next part; None at the end."""

    groups: list[FailureGroup]
    after: GroupCursor | None


class Tenant(NamedTuple):
    name: str
    letters: int


class Owner(NamedTuple):
    name: str
    letters: int


class GroupDetail(NamedTuple):
    """Everything about a group. `tenants` are those with most letters, of `tenants_in_all`; `owners` look after the newest of them."""

    group: FailureGroup
    tenants: list[Tenant]
    tenants_in_all: int
    owners: list[Owner]


def groups(
    connection: Connection,
    query: GroupQuery,
    *,
    now: datetime,
    limit: int = PAGE_SIZE,
    after: GroupCursor | None = None,
) -> GroupPage:
    """A page of the matching groups, as of this moment.

    Args:
        connection: may write: what was counted since the last read is folded in first.
        query: which, in which order.
        now: the present hour ends the trends.
        limit: how many at most.
        after: where the page before ended.

    Raises:
        InvalidFilter: `after` is of a list in another order.
    """
    roll_up(connection)
    rows = _rows(connection, query, limit + 1, after)
    shown = rows[:limit]
    hours = _hours(connection, [row.fingerprint for row in shown], now)
    found = [_group(row, hours.get(row.fingerprint, _NO_DEATHS), now) for row in shown]
    return GroupPage(found, query.cursor(shown[-1]) if len(rows) > limit else None)


def group(connection: Connection, fingerprint: str, *, now: datetime) -> GroupDetail:
    """One group, as `groups` gives it, and whom it touches.

    Raises:
        UnknownGroup: there is none, or none of its letters is left.
    """
    if "\x00" in fingerprint:
        raise UnknownGroup(fingerprint)
    page = groups(connection, GroupQuery(fingerprints=(fingerprint,), any_state=True), now=now)
    if not page.groups:
        raise UnknownGroup(fingerprint)
    row = dead_letter_group_tenants.c
    those = select(row.tenant, row.letters).where(row.fingerprint == fingerprint, row.letters > 0)
    top = connection.execute(those.order_by(row.letters.desc(), row.tenant).limit(TOP_TENANTS))
    tenants = [Tenant(*each) for each in top]
    in_all = connection.execute(select(func.count()).select_from(those.subquery())).scalar_one()
    return GroupDetail(page.groups[0], tenants, in_all, _owners(connection, fingerprint))


def _owners(connection: Connection, fingerprint: str) -> list[Owner]:
    row = dead_letters.c
    newest = select(row.state, row.owner).where(row.fingerprint == fingerprint)
    newest_ = newest.order_by(row.id.desc()).limit(OWNERS_LOOK_AT).subquery()
    owned = select(newest_.c.owner, func.count()).where(
        newest_.c.state == State.REVIEWING, newest_.c.owner.is_not(None)
    )
    owned = owned.group_by(newest_.c.owner).order_by(func.count().desc(), newest_.c.owner)
    return [Owner(*each) for each in connection.execute(owned)]


def ungrouped(connection: Connection) -> int:
    """How many letters of an older release are not in a group yet, counted up to `UNGROUPED_LIMIT`."""
    those = select(dead_letters.c.id).where(dead_letters.c.fingerprint.is_(None)).limit(UNGROUPED_LIMIT)
    return connection.execute(select(func.count()).select_from(those.subquery())).scalar_one()


def hours_of(now: datetime, hours: int) -> list[datetime]:
    """The beginnings of the last hours, the oldest first, the present one last."""
    present = now.replace(minute=0, second=0, microsecond=0)
    return [present - _HOUR * back for back in range(hours - 1, -1, -1)]


def _rows(connection: Connection, query: GroupQuery, limit: int, after: GroupCursor | None) -> Sequence[Any]:
    row = dead_letter_groups.c
    page = select(dead_letter_groups, query.position.label("position"))
    chosen = page.where(*query.conditions(after)).order_by(*query.ordering()).limit(limit).subquery()
    newest = select(
        dead_letters.c.id,
        dead_letters.c.reason,
        dead_letters.c.error["status"].label("status"),
        dead_letters.c.actor,
        dead_letters.c.error["effect"].label("effect"),
        dead_letters.c.error["provider_error"].astext.label("provider_error"),
    )
    newest = (
        newest.where(dead_letters.c.fingerprint == chosen.c.fingerprint).order_by(dead_letters.c.id.desc()).limit(1)
    )
    sample = newest.lateral("newest")
    columns = [chosen.c[column.name] for column in row if column.name != "sample"]
    statement = select(
        *columns,
        chosen.c.position,
        sample.c.id.label("sample"),
        sample.c.reason,
        sample.c.status,
        sample.c.actor,
        sample.c.effect,
        sample.c.provider_error,
    )
    statement = statement.select_from(chosen.outerjoin(sample, true()))
    return connection.execute(statement.order_by(chosen.c.position.desc(), chosen.c.fingerprint.desc())).all()


def _hours(connection: Connection, fingerprints: Sequence[str], now: datetime) -> dict[str, tuple[int, ...]]:
    """The deaths in each of the last hours, by fingerprint; a row for each group, because rows cost more than the numbers in them."""
    row, since = dead_letter_group_hours.c, hours_of(now, HOURS)[0]
    position = func.extract("epoch", row.hour - since) / int(_HOUR.total_seconds())
    pairs = (func.array_agg(cast(position, Integer)), func.array_agg(row.letters))
    statement = select(row.fingerprint, *pairs).where(row.hour >= since).group_by(row.fingerprint)
    statement = statement.where(row.fingerprint == any_(cast(list(fingerprints), ARRAY(Text))))
    return {each[0]: _spread(each[1], each[2]) for each in connection.execute(statement)}


def _spread(positions: Sequence[int], letters: Sequence[int]) -> tuple[int, ...]:
    hours = [0] * HOURS
    for position, number in zip(positions, letters, strict=True):
        if position < HOURS:
            hours[position] = number
    return tuple(hours)


def _group(row: Row[Any], hours: tuple[int, ...], now: datetime) -> FailureGroup:
    going = direction(hours, first_seen=row.first_seen, now=now)
    reason = None if row.reason is None else DeadReason(row.reason)
    status = row.status if isinstance(row.status, int) else None
    return FailureGroup(
        fingerprint=row.fingerprint,
        provider=row.provider,
        operation=row.operation,
        error_type=row.error_type,
        message=row.message,
        frame=row.frame,
        letters={state: getattr(row, state.value) for state in State},
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        hours=hours,
        direction=going,
        sample=row.sample,
        reason=reason,
        status=status,
        suggestion=None if reason is None else _suggestion(row, reason, status, going),
    )


def _suggestion(row: Row[Any], reason: DeadReason, status: int | None, going: Direction) -> Diagnosis:
    repeatable = is_repeatable(row.actor, row.effect)
    symptom = Symptom(
        row.fingerprint,
        row.provider,
        reason,
        row.error_type,
        status,
        going,
        str(row.sample),
        repeatable,
        row.provider_error,
    )
    return diagnose(symptom)
