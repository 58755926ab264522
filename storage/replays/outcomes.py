"""The outcomes of the jobs of replays, from the outboxes. For the transaction that changes the dead letters and has locked them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, text

# A dead letter that was claimed is not open, so at most one item of it can be under way.
_DONE = text("""
    UPDATE replay_items SET outcome = 'done', queued_at = coalesce(queued_at, now()), ended_at = now()
    WHERE dead_letter_id = ANY(CAST(:ids AS uuid[])) AND outcome IN ('claimed', 'queued')
""")
_DEAD_AGAIN = text("""
    UPDATE replay_items AS item
    SET outcome = 'dead_again', queued_at = coalesce(queued_at, now()), ended_at = now(), successor = dead.successor
    FROM unnest(CAST(:ids AS uuid[]), CAST(:successors AS uuid[])) AS dead (id, successor)
    WHERE item.dead_letter_id = dead.id AND item.outcome IN ('claimed', 'queued')
""")


def note_done(connection: Connection, ids: Sequence[UUID]) -> None:
    """The jobs of these dead letters' replays are done."""
    if ids:
        connection.execute(_DONE, {"ids": list(ids)})


def note_dead_again(connection: Connection, successors: Mapping[UUID, UUID]) -> None:
    """The jobs of these dead letters' replays have died, as these dead letters."""
    if successors:
        connection.execute(_DEAD_AGAIN, {"ids": list(successors), "successors": list(successors.values())})
