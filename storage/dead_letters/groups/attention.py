"""What needs a person now, the most urgent first: each with why, and with what to do."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, func, select

from leeward.actions import (
    Action,
    CancelReplay,
    Letters,
    ListDeadLetters,
    ReplayDeadLetters,
    ResumeReplay,
    ShowDeadLetter,
    ShowGroup,
    ShowReplay,
)
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.groups.diagnosis import Cause
from storage.dead_letters.groups.failure_groups import FailureGroup, groups
from storage.dead_letters.groups.group_query import GroupQuery
from storage.dead_letters.groups.trend import NEW, Direction
from storage.dead_letters.state import OPEN, State
from storage.replays.state import ItemOutcome, ReplayState
from storage.tables import dead_letters, replay_items, replays

MOST_OF_A_KIND = 5
"""A list that is too long is not read; the list of groups has all of them."""
REPLAYS_LOOK_BACK = timedelta(days=7)
CALM_HOURS = 2
"""A provider's group counts as over when nothing died in the present hour and the one before."""
COUNT_LIMIT = 1_000
"""Counting further would take a while, and say no more."""
_LOOKED_AT = 200
"""Groups: those with most open letters."""

_PASSES_WITH_THE_PROVIDER = frozenset({Cause.OUTAGE, Cause.RATE_LIMIT, Cause.CREDENTIALS, Cause.CONFIGURATION})


class Need(StrEnum):
    HALTED_REPLAY = "halted_replay"
    """It was stopped or paused, and continues only when a person resumes it."""
    NEW_GROUP = "new_group"
    RISING_GROUP = "rising_group"
    UNKNOWN_OUTCOMES = "unknown_outcomes"
    """Only a person can find out whether their effect has happened."""
    READY_TO_REPLAY = "ready_to_replay"
    """Their provider is healthy again."""
    REFUSED = "refused"
    """A replay would have taken them, and could not."""
    OLDEST = "oldest"
    """It has waited for a decision longer than any other."""


@dataclass(frozen=True, slots=True)
class Attention:
    """Something to look at.

    Attributes:
        letters: how many it is about.
        fingerprint: the group that it is about, if it is one.
        why: a sentence.
        actions: what to do, in this order.
    """

    need: Need
    letters: int
    fingerprint: str | None
    why: str
    actions: tuple[Action, ...]


def attention(connection: Connection, *, now: datetime, healthy: Collection[str]) -> list[Attention]:
    """The list, as of this moment.

    Args:
        connection: may write; see `groups`.
        now: the present.
        healthy: providers that take jobs now, as far as anybody knows.
    """
    recent = groups(connection, GroupQuery(since=now - NEW), now=now, limit=_LOOKED_AT)
    older = groups(connection, GroupQuery(providers=tuple(sorted(healthy)) or ("",)), now=now, limit=_LOOKED_AT)
    return [
        *_halted(connection, now),
        *_moving(recent.groups, Direction.NEW, Need.NEW_GROUP),
        *_moving(recent.groups, Direction.RISING, Need.RISING_GROUP),
        *_unknown_outcomes(connection),
        *_ready(older.groups),
        *_refused(connection, now),
        *_oldest(connection, now),
    ]


def _halted(connection: Connection, now: datetime) -> Iterator[Attention]:
    """Replays of the last days that still hold open letters; the newest first."""
    row = replays.c
    query = select(row.id, row.state, row.cause, row.letters).where(
        row.created_at >= now - REPLAYS_LOOK_BACK, row.state.in_([ReplayState.STOPPED, ReplayState.PAUSED])
    )
    for found in connection.execute(query.order_by(row.created_at.desc()).limit(MOST_OF_A_KIND)):
        if letters := _waiting_in(connection, found.id):
            cause = f": {found.cause}" if found.cause else ""
            why = f"{_counted(letters)} of {found.letters:,} wait in a replay that is {found.state}{cause}"
            id_ = str(found.id)
            steps = (ShowReplay(id_), ResumeReplay(id_), CancelReplay(id_))
            yield Attention(Need.HALTED_REPLAY, letters, None, why, steps)


def _waiting_in(connection: Connection, replay_id: UUID) -> int:
    """How many open letters a replay would still enqueue."""
    item = replay_items.c
    those = select(item.position).join(dead_letters, dead_letters.c.id == item.dead_letter_id)
    those = those.where(
        item.replay_id == replay_id, item.outcome == ItemOutcome.PENDING, dead_letters.c.state.in_(OPEN)
    )
    return connection.execute(select(func.count()).select_from(those.limit(COUNT_LIMIT).subquery())).scalar_one()


def _moving(found: list[FailureGroup], direction: Direction, need: Need) -> Iterator[Attention]:
    moving = [group for group in found if group.direction is direction]
    for group in moving[:MOST_OF_A_KIND]:
        why = f"{group.open:,} open, {sum(group.hours[-6:]):,} of the group died in the last 6 hours: {_named(group)}"
        yield Attention(need, group.open, group.fingerprint, why, (ShowGroup(group.fingerprint),))


def _ready(found: list[FailureGroup]) -> Iterator[Attention]:
    over = [group for group in found if _is_over(group)]
    for group in over[:MOST_OF_A_KIND]:
        why = f"{group.provider} takes jobs, and {group.open:,} still lie here: {_named(group)}"
        yield Attention(Need.READY_TO_REPLAY, group.open, group.fingerprint, why, _replays(group))


def _is_over(group: FailureGroup) -> bool:
    cause = group.suggestion.cause if group.suggestion else None
    return cause in _PASSES_WITH_THE_PROVIDER and sum(group.hours[-CALM_HOURS:]) == 0


def _replays(group: FailureGroup) -> tuple[Action, ...]:
    """As the group itself proposes it: slowly after a rate limit, and with a reason where effects may have happened."""
    proposed = group.suggestion.actions if group.suggestion else ()
    return tuple(action for action in proposed if isinstance(action, ReplayDeadLetters))


def _named(group: FailureGroup) -> str:
    return f"{group.operation} of {group.provider}, {group.error_type}: {group.message}"


def _unknown_outcomes(connection: Connection) -> Iterator[Attention]:
    row = dead_letters.c
    those = select(row.id).where(row.reason == DeadReason.UNKNOWN_OUTCOME, row.state.in_(OPEN))
    # In the order of the index, so that the walk can end at the limit.
    those = those.order_by(row.id.desc()).limit(COUNT_LIMIT)
    letters = connection.execute(select(func.count()).select_from(those.subquery())).scalar_one()
    if letters:
        why = f"{_counted(letters)} may have had their effect: look at the provider for each, then replay or discard it"
        look = ListDeadLetters(
            Letters(reason=DeadReason.UNKNOWN_OUTCOME.value, states=tuple(state.value for state in OPEN))
        )
        yield Attention(Need.UNKNOWN_OUTCOMES, letters, None, why, (look,))


def _refused(connection: Connection, now: datetime) -> Iterator[Attention]:
    """Open letters that the replays of the last days refused."""
    row, item = dead_letters.c, replay_items.c
    those = (
        select(item.dead_letter_id, item.replay_id)
        .join(replays, replays.c.id == item.replay_id)
        .join(dead_letters, row.id == item.dead_letter_id)
        .where(replays.c.created_at >= now - REPLAYS_LOOK_BACK, item.outcome == ItemOutcome.REFUSED)
        .where(row.state.in_(OPEN))
        .limit(COUNT_LIMIT)
        .subquery()
    )
    counted = select(func.count(those.c.dead_letter_id.distinct()), func.array_agg(those.c.replay_id.distinct()))
    letters, replayed = connection.execute(counted).one()
    if letters:
        why = f"{_counted(letters)} were refused by a replay and are still open: each item says why"
        shown: list[UUID] = sorted(replayed)[-MOST_OF_A_KIND:]
        looks = tuple(ShowReplay(str(id_), outcome=ItemOutcome.REFUSED.value) for id_ in shown)
        yield Attention(Need.REFUSED, letters, None, why, looks)


def _oldest(connection: Connection, now: datetime) -> Iterator[Attention]:
    row = dead_letters.c
    first = select(row.id, row.died_at, row.fingerprint).where(row.state == State.FAILED).order_by(row.id).limit(1)
    found = connection.execute(first).one_or_none()
    if found is not None:
        days = (now - found.died_at) // timedelta(days=1)
        why = f"without a decision for {days:,} days" if days > 0 else "without a decision; it died first"
        yield Attention(Need.OLDEST, 1, found.fingerprint, why, (ShowDeadLetter(str(found.id)),))


def _counted(letters: int) -> str:
    return f"{letters:,} or more" if letters == COUNT_LIMIT else f"{letters:,}"
