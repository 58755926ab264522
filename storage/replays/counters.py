"""What a replay's rules look at while it runs. Cheap however large the replay is."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select, text

from storage.replays.rules import Trial
from storage.replays.state import ItemOutcome
from storage.replays.views import Replay
from storage.tables import replay_items

_PENDING = text("""
    SELECT door.provider FROM unnest(CAST(:providers AS text[]), CAST(:after AS integer[])) AS door (provider, after)
    WHERE EXISTS (
        SELECT FROM replay_items
        WHERE replay_id = :replay AND outcome = 'pending' AND provider = door.provider AND position > door.after
    )
""")
_CANARY = text("""
    SELECT count(*), count(*) FILTER (WHERE outcome = 'done'), count(*) FILTER (WHERE outcome = 'dead_again')
    FROM (
        SELECT outcome FROM replay_items
        WHERE replay_id = :replay AND outcome IN ('claimed', 'queued', 'done', 'dead_again')
            AND (CAST(:since AS timestamptz) IS NULL OR coalesce(queued_at >= :since, true))
        ORDER BY position LIMIT :canary
    ) AS canary
""")
# The outcomes are written out so that the server knows the index that has only these.
_ENDED_LAST = text("""
    SELECT outcome FROM replay_items
    WHERE replay_id = :replay AND outcome IN ('done', 'dead_again')
        AND (CAST(:since AS timestamptz) IS NULL OR queued_at >= :since)
    ORDER BY ended_at DESC LIMIT :window
""")
_ADOPTABLE = text("""
    SELECT id FROM replays WHERE state = 'running'
    UNION
    SELECT id FROM replays
    WHERE state IN ('paused', 'stopped', 'cancelled')
        AND EXISTS (SELECT FROM replay_items WHERE replay_id = replays.id AND outcome = 'claimed')
""")


@dataclass(frozen=True, slots=True)
class QueuedItem:
    """An item whose job should be with the fleet."""

    position: int
    dead_letter_id: UUID
    provider: str
    job_id: str


def providers(connection: Connection, replay_id: UUID) -> list[str]:
    """Whose dead letters are in a replay. Looks at all items: to be asked once."""
    row = replay_items.c
    return list(connection.execute(select(row.provider).where(row.replay_id == replay_id).distinct()).scalars())


def pending_providers(connection: Connection, replay_id: UUID, after: dict[str, int]) -> list[str]:
    """Those of the providers that have something to be enqueued behind the given positions."""
    values = {"replay": replay_id, "providers": list(after), "after": list(after.values())}
    return list(connection.execute(_PENDING, values).scalars())


def is_under_way(connection: Connection, replay_id: UUID) -> bool:
    """Whether a job of a replay has not ended, as far as the outboxes have reported."""
    row = replay_items.c
    under_way = row.outcome.in_([ItemOutcome.CLAIMED.value, ItemOutcome.QUEUED.value])
    query = select(row.position).where(row.replay_id == replay_id, under_way).limit(1)
    return connection.execute(query).one_or_none() is not None


def trial(connection: Connection, replay: Replay) -> Trial:
    """How the canary does."""
    rules = replay.rules
    if not rules.canary:
        return Trial(0, 0, 0)
    values = {"replay": replay.id, "canary": rules.canary, "since": rules.counted_since}
    return Trial(*connection.execute(_CANARY, values).one())


def lately_died(connection: Connection, replay: Replay) -> Sequence[bool]:
    """Whether they died again, of as many as the rules look at, the latest end first."""
    rules = replay.rules
    if rules.stop_ratio >= 1:
        return []
    values = {"replay": replay.id, "since": rules.counted_since, "window": rules.stop_window}
    return [outcome == ItemOutcome.DEAD_AGAIN for outcome in connection.execute(_ENDED_LAST, values).scalars()]


def queued(connection: Connection, replay_id: UUID, *, after: int, size: int) -> list[QueuedItem]:
    """Items whose jobs should be with the fleet, behind a position, in their order."""
    row = replay_items.c
    query = select(row.position, row.dead_letter_id, row.provider, row.job_id).where(
        row.replay_id == replay_id, row.outcome == ItemOutcome.QUEUED.value, row.position > after
    )
    return [QueuedItem(*each) for each in connection.execute(query.order_by(row.position).limit(size))]


def adoptable(connection: Connection) -> list[UUID]:
    """Replays that want a runner, whether or not they have one: those that run, and those that were moved on while a dead runner's claims
    were open.
    """
    return list(connection.execute(_ADOPTABLE).scalars())
