"""Taking dead letters for a replay, so that each is replayed once whatever happens to who replays.

A claim stores the new job's id before the job is enqueued, and a confirmation says that it was (`storage/replays/claim_results.py`). Who
dies in between leaves a claim without confirmation; the next runner enqueues the same job id again, which the fleet answers by doing
nothing if it knows the job.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from storage.dead_letters.letter.row_locks import joined
from storage.dead_letters.state import OPEN
from storage.replays.views import Replay

BATCH = 500
"""Items a step: enough to spread the round trips thin, few enough for a pause to act at once."""

_STAYS = text(
    "SELECT FROM replays WHERE id = :replay AND version = :version AND state = 'running' FOR SHARE",
)
_NEXT = text("""
    SELECT item.position, item.dead_letter_id
    FROM unnest(CAST(:providers AS text[]), CAST(:after AS integer[]), CAST(:most AS integer[])) AS door (provider, after, most)
    CROSS JOIN LATERAL (
        SELECT position, dead_letter_id FROM replay_items
        WHERE replay_id = :replay AND outcome = 'pending' AND provider = door.provider AND position > door.after
        ORDER BY position LIMIT door.most
    ) AS item
    ORDER BY item.position LIMIT :size
""")
# The bounds let the server skip partitions, which it cannot do with a list of ids.
_LETTERS = text("""
    SELECT id, state, owner, replay_refusal, job_id, provider, actor, message, edited_message
    FROM dead_letters WHERE id = ANY(CAST(string_to_array(:ids, ',') AS uuid[])) AND id BETWEEN :first AND :last
    ORDER BY id FOR UPDATE
""")
_TAKE = text("""
    WITH wanted AS (
        SELECT * FROM unnest(
            CAST(string_to_array(:positions, ',') AS integer[]), CAST(string_to_array(:ids, ',') AS uuid[]),
            string_to_array(:jobs, ','), string_to_array(:states, ',')
        ) AS wanted (position, id, job, from_state)
    ), taken AS (
        UPDATE dead_letters AS letter
        SET state = 'requeued', version = version + 1, updated_at = now(), replayed_as = wanted.job, replayed_at = now(),
            replay_id = :replay
        FROM wanted WHERE letter.id = wanted.id AND letter.id BETWEEN :first AND :last
    ), claimed AS (
        UPDATE replay_items AS item SET outcome = 'claimed', job_id = wanted.job
        FROM wanted WHERE item.replay_id = :replay AND item.position = wanted.position
    )
    INSERT INTO dead_letter_events (dead_letter_id, who, event, from_state, to_state, detail)
    SELECT id, :who, 'requeued', from_state, 'requeued', jsonb_build_object('job', job) || CAST(:detail AS jsonb)
    FROM wanted ORDER BY id
""")
_REFUSE = text("""
    UPDATE replay_items AS item SET outcome = 'refused', why = refused.why, ended_at = now()
    FROM unnest(CAST(:positions AS integer[]), CAST(:whys AS text[])) AS refused (position, why)
    WHERE item.replay_id = :replay AND item.position = refused.position
""")
_WHO = text("""
    SELECT DISTINCT ON (dead_letter_id) dead_letter_id, who FROM dead_letter_events
    WHERE dead_letter_id = ANY(CAST(:ids AS uuid[])) AND to_state IS NOT NULL ORDER BY dead_letter_id, id DESC
""")
_UNCONFIRMED = text("""
    SELECT item.position, item.job_id AS new_job, letter.id, letter.job_id, letter.provider, letter.actor, letter.message,
        letter.edited_message
    FROM replay_items AS item JOIN dead_letters AS letter ON letter.id = item.dead_letter_id
    WHERE item.replay_id = :replay AND item.outcome = 'claimed' ORDER BY item.position LIMIT :size
""")


@dataclass(frozen=True, slots=True)
class Claim:
    """A dead letter that is this replay's to enqueue, as the job `job_id`.

    Attributes:
        position: of its item.
        died_as: the job that died.
        message: that job's encoded message.
        edited: the corrected message, which is to be enqueued instead; None when there is no correction.
    """

    position: int
    dead_letter_id: UUID
    job_id: str
    died_as: str
    provider: str
    actor: str
    message: bytes
    edited: bytes | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a step has taken.

    Attributes:
        claims: in the order of the replay.
        refused: how many items were refused, because their dead letters were not open any more.
        through: for each provider asked for the last position that was looked at.
        is_stale: the replay was moved since it was read: nothing was looked at.
    """

    claims: Sequence[Claim] = ()
    refused: int = 0
    through: Mapping[str, int] | None = None
    is_stale: bool = False


def claim(
    connection: Connection,
    replay: Replay,
    most: Mapping[str, int],
    *,
    after: Mapping[str, int] | None = None,
    size: int = BATCH,
) -> Batch:
    """Takes the next pending items of a running replay; none if it was moved since it was read. For the replay's runner alone.

    Any number of replays may hold the same dead letter: the first that claims it has it, and the others' items are refused.

    Args:
        connection: in a transaction; enqueue nothing before it has ended.
        replay: as it was read.
        most: how many at most of each provider; one that is not named has to wait.
        after: for each provider a position up to which nothing is pending any more.
        size: how many in all.
    """
    if connection.execute(_STAYS, {"replay": replay.id, "version": replay.version}).one_or_none() is None:
        return Batch(is_stale=True)
    after = after or {}
    found = connection.execute(
        _NEXT,
        {
            "replay": replay.id,
            "providers": list(most),
            "after": [after.get(provider, 0) for provider in most],
            "most": [min(size, items) for items in most.values()],
            "size": size,
        },
    ).all()
    return _taken(connection, replay, {item.dead_letter_id: item.position for item in found}) if found else Batch()


def unconfirmed(connection: Connection, replay_id: UUID, *, size: int = BATCH) -> list[Claim]:
    """Claims that a runner which is dead now has left without a confirmation, in their order. For the replay's runner alone."""
    found = connection.execute(_UNCONFIRMED, {"replay": replay_id, "size": size})
    return [_claim(row, row.position, row.new_job) for row in found]


def _taken(connection: Connection, replay: Replay, positions: Mapping[UUID, int]) -> Batch:
    ids = list(positions)
    letters = connection.execute(_LETTERS, {"ids": joined(ids), "first": ids[0], "last": ids[-1]}).all()
    free = [row for row in letters if row.state in OPEN and row.replay_refusal is None]
    claims = [_claim(row, positions[row.id], str(uuid.uuid4())) for row in free]
    _take(connection, replay, claims, [row.state for row in free])
    refused = {row.id: row for row in letters} | dict.fromkeys(positions.keys() - {row.id for row in letters})
    for each in claims:
        del refused[each.dead_letter_id]
    _refuse(connection, replay, positions, refused)
    return Batch(claims, len(refused), _through(letters, positions))


def _take(connection: Connection, replay: Replay, claims: Sequence[Claim], states: Sequence[str]) -> None:
    if not claims:
        return
    connection.execute(
        _TAKE,
        {
            "replay": replay.id,
            "positions": joined(each.position for each in claims),
            "ids": joined(each.dead_letter_id for each in claims),
            "jobs": joined(each.job_id for each in claims),
            "states": joined(states),
            "first": claims[0].dead_letter_id,
            "last": claims[-1].dead_letter_id,
            "who": replay.who,
            "detail": json.dumps({"replay": str(replay.id), "reason": replay.note}),
        },
    )


def _refuse(
    connection: Connection, replay: Replay, positions: Mapping[UUID, int], refused: Mapping[UUID, Row[Any] | None]
) -> None:
    if not refused:
        return
    names = {id_: str(who) for id_, who in connection.execute(_WHO, {"ids": list(refused)})}
    whys = [_why(row, names.get(id_, "someone else")) for id_, row in refused.items()]
    connection.execute(_REFUSE, {"replay": replay.id, "positions": [positions[id_] for id_ in refused], "whys": whys})


def _why(row: Row[Any] | None, who: str) -> str:
    if row is None:
        return "its retention is over: it is not there any more"
    if row.state in OPEN:
        return str(row.replay_refusal)
    return f"{who} has taken it: it is {row.state}"


def _through(letters: Sequence[Row[Any]], positions: Mapping[UUID, int]) -> dict[str, int]:
    """Positions grow with ids, so the last one of a provider is its highest."""
    return {row.provider: positions[row.id] for row in letters}


def _claim(row: Row[Any], position: int, job_id: str) -> Claim:
    return Claim(position, row.id, job_id, row.job_id, row.provider, row.actor, row.message, row.edited_message)
