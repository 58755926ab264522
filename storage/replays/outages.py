"""Dead letters that an outage left, for replays which no person makes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select

from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.state import State
from storage.replays.state import ReplayState
from storage.tables import dead_letters, replays

REASONS = (DeadReason.EXHAUSTED, DeadReason.EXPIRED)


class Left(NamedTuple):
    """An actor and a provider of which an outage has left something."""

    actor: str
    provider: str


def of_an_outage(error_types: Sequence[str], *, generations: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions for letters without a decision that, as far as the error shows, would have been done without the outage.

    Args:
        error_types: names of the errors that say so, or of the contract's class that an error derives from.
        generations: how many times a job may have died by now; less than so many replays came before.
    """
    row = dead_letters.c
    return (
        row.state == State.FAILED.value,
        row.reason.in_([reason.value for reason in REASONS]),
        or_(row.error_type.in_(error_types), row.error["provider_error"].astext.in_(error_types)),
        row.generation < generations,
        row.replay_refusal.is_(None),
    )


def left_by_outages(
    connection: Connection, actors: Sequence[str], conditions: Sequence[ColumnElement[bool]]
) -> list[Left]:
    """What there is of these actors."""
    row = dead_letters.c
    query = select(row.actor, row.provider).where(row.actor.in_(actors), *conditions).distinct()
    return [Left(*each) for each in connection.execute(query.order_by(row.actor, row.provider))]


def is_resting(connection: Connection, origin: str, since: datetime) -> bool:
    """Whether a replay of this origin is under way, or did not go well since then: was stopped or cancelled."""
    row = replays.c
    under_way = row.state.in_([ReplayState.PLANNED.value, ReplayState.RUNNING.value, ReplayState.PAUSED.value])
    failed = row.state.in_([ReplayState.STOPPED.value, ReplayState.CANCELLED.value]) & (row.ended_at >= since)
    query = select(row.id).where(row.origin == origin, under_way | failed).limit(1)
    return connection.execute(query).one_or_none() is not None
