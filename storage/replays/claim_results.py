"""What became of claims once their jobs were to be enqueued.

A transaction that changes an item has locked its dead letter, so that no two transactions wait for each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from storage.dead_letters.audit import EventKind, NewEvent, record
from storage.dead_letters.letter.row_locks import joined, lock_in_order
from storage.dead_letters.state import State
from storage.replays.claims import Claim
from storage.replays.views import Replay

_CONFIRM_ITEMS = text("""
    UPDATE replay_items SET outcome = 'queued', queued_at = now()
    WHERE replay_id = :replay AND position = ANY(CAST(string_to_array(:positions, ',') AS integer[]))
        AND outcome = 'claimed'
""")
_DUPLICATE_LETTERS = text("""
    UPDATE dead_letters AS letter
    SET state = found.state, replayed_as = found.job, replayed_at = now(), updated_at = now(), version = version + 1,
        finished_at = CASE WHEN found.state = 'recovered' THEN now() END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:jobs AS text[]), CAST(:states AS text[])) AS found (id, job, state)
    WHERE letter.id = found.id AND letter.id BETWEEN :first AND :last AND letter.state = 'requeued' AND letter.replay_id = :replay
    RETURNING letter.id
""")
_DUPLICATE_ITEMS = text("""
    UPDATE replay_items AS item SET outcome = 'duplicate', job_id = found.job, why = found.why, ended_at = now()
    FROM unnest(CAST(:positions AS integer[]), CAST(:jobs AS text[]), CAST(:whys AS text[])) AS found (position, job, why)
    WHERE item.replay_id = :replay AND item.position = found.position AND item.outcome = 'claimed'
""")
_OPEN_AGAIN = text("""
    UPDATE dead_letters
    SET state = CASE WHEN owner IS NULL THEN 'failed' ELSE 'reviewing' END,
        replayed_as = NULL, replayed_at = NULL, version = version + 1, updated_at = now()
    WHERE id = ANY(CAST(:ids AS uuid[])) AND id BETWEEN :first AND :last
        AND state = 'requeued' AND superseded_by IS NULL AND replay_id = :replay
    RETURNING id, state
""")
_REFUSE_ITEMS = text("""
    UPDATE replay_items AS item SET outcome = 'refused', job_id = NULL, why = found.why, ended_at = now()
    FROM unnest(CAST(:positions AS integer[]), CAST(:whys AS text[])) AS found (position, why)
    WHERE item.replay_id = :replay AND item.position = found.position AND item.outcome IN ('claimed', 'queued')
""")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A claim that the fleet answered with another job, which has the same idempotency key and payload.

    Attributes:
        job_id: that job.
        is_done: it has done the work already.
    """

    claim: Claim
    job_id: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Unreplayed:
    """An item whose job is not, or no longer, with the fleet, and why."""

    position: int
    dead_letter_id: UUID
    why: str


def confirm(connection: Connection, replay: Replay, claims: Sequence[Claim]) -> None:
    """Notes that the jobs of these claims are with the fleet. They may even have ended meanwhile. The dead letters stay as they are."""
    if not claims:
        return
    _locked(connection, (each.dead_letter_id for each in claims))
    positions = joined(each.position for each in claims)
    connection.execute(_CONFIRM_ITEMS, {"replay": replay.id, "positions": positions})


def note_duplicates(connection: Connection, replay: Replay, duplicates: Sequence[Duplicate]) -> None:
    """Ties dead letters to the jobs that have their keys: `recovered` when such a job is done, `requeued` while it is not."""
    if not duplicates:
        return
    bounds = _locked(connection, (each.claim.dead_letter_id for each in duplicates))
    found = {each.claim.dead_letter_id: each for each in duplicates}
    states = {True: State.RECOVERED, False: State.REQUEUED}
    values = {
        "ids": list(found),
        "jobs": [each.job_id for each in duplicates],
        "states": [states[each.is_done].value for each in duplicates],
    }
    changed = connection.execute(_DUPLICATE_LETTERS, {"replay": replay.id} | bounds | values).scalars().all()
    whys = [f"another job with its idempotency key {_DOES[each.is_done]} this work" for each in duplicates]
    positions = [each.claim.position for each in duplicates]
    items = {"replay": replay.id, "positions": positions, "jobs": values["jobs"], "whys": whys}
    connection.execute(_DUPLICATE_ITEMS, items)
    record(connection, [_duplicate_event(replay, found[id_], states[found[id_].is_done]) for id_ in changed])


_DOES = {True: "has done", False: "is doing"}


def hand_back(connection: Connection, replay: Replay, refused: Sequence[Unreplayed]) -> None:
    """Refuses items whose dead letters were claimed: those are open again, their reviewers' where they have one. Their audit says why."""
    if not refused:
        return
    bounds = _locked(connection, (each.dead_letter_id for each in refused))
    whys = {each.dead_letter_id: each.why for each in refused}
    changed = connection.execute(_OPEN_AGAIN, {"replay": replay.id} | bounds).all()
    positions = [each.position for each in refused]
    values = {"replay": replay.id, "positions": positions, "whys": [each.why for each in refused]}
    connection.execute(_REFUSE_ITEMS, values)
    detail = {"replay": str(replay.id)}
    record(
        connection,
        [
            NewEvent(id_, EventKind.REFUSED, replay.who, State.REQUEUED, State(state), {"why": whys[id_]} | detail)
            for id_, state in changed
        ],
    )


def _locked(connection: Connection, ids: Iterable[UUID]) -> dict[str, object]:
    found = sorted(set(ids))
    lock_in_order(connection, found)
    return {"ids": found, "first": found[0], "last": found[-1]}


def _duplicate_event(replay: Replay, duplicate: Duplicate, state: State) -> NewEvent:
    detail = {"job": duplicate.job_id, "done": duplicate.is_done, "replay": str(replay.id)}
    return NewEvent(duplicate.claim.dead_letter_id, EventKind.DUPLICATE, replay.who, State.REQUEUED, state, detail)
