"""Writing dead jobs down."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select, update

from storage.dead_letters.audit import EventKind, NewEvent, record
from storage.dead_letters.groups.group_identity import remember
from storage.dead_letters.intake.bulk_insert import bulk_insert
from storage.dead_letters.intake.new_letter import DeadLetter
from storage.dead_letters.letter.row_locks import lock_in_order
from storage.dead_letters.state import State
from storage.replays.outcomes import note_dead_again
from storage.tables import dead_letters


def insert_many(connection: Connection, letters: Sequence[DeadLetter]) -> int:
    """Writes dead letters, each once however often it comes; returns how many were new.

    The dead letter whose replay died again gets an event that names its successor.
    """
    if not letters:
        return 0
    generations = _generations(connection, {letter.replay_of for letter in letters if letter.replay_of})
    remember(connection, (letter.failure for letter in letters))
    new = bulk_insert(connection, [_values(letter, generations) for letter in letters])
    again = [letter for letter in letters if letter.id in new and letter.replay_of in generations]
    mark_dead_again(connection, {letter.replay_of: letter for letter in again if letter.replay_of})
    return len(new)


def mark_dead_again(connection: Connection, successors: Mapping[UUID, DeadLetter]) -> None:
    """Notes on dead letters that their replay died, too, and what as. They stay `requeued`: the successor is the one to look at."""
    if not successors:
        return
    ids = lock_in_order(connection, successors)
    row = dead_letters.c
    ended = update(dead_letters).where(row.id == bindparam("letter"), row.state == State.REQUEUED)
    ended = ended.values(
        # A job that died was enqueued, whether or not its replay lived to confirm it.
        replayed_at=func.coalesce(row.replayed_at, func.now()),
        superseded_by=bindparam("successor"),
        finished_at=func.now(),
        updated_at=func.now(),
        version=row.version + 1,
    )
    connection.execute(ended, [{"letter": id_, "successor": successors[id_].id} for id_ in ids])
    note_dead_again(connection, {id_: successors[id_].id for id_ in ids})
    events = [NewEvent(id_, EventKind.DEAD_AGAIN, detail=_successor(successors[id_])) for id_ in ids]
    record(connection, events)


def _successor(letter: DeadLetter) -> dict[str, Any]:
    return {
        "dead_letter": str(letter.id),
        "outbox_id": letter.outbox_id,
        "job": letter.job_id,
        "reason": letter.reason.value,
    }


def _generations(connection: Connection, parents: set[UUID]) -> dict[UUID, int]:
    """The generation of each of these dead letters that is there: a message may name any."""
    if not parents:
        return {}
    row = dead_letters.c
    found = connection.execute(select(row.id, row.generation).where(row.id.in_(parents)))
    return {each.id: each.generation for each in found}


def _values(letter: DeadLetter, generations: Mapping[UUID, int]) -> dict[str, Any]:
    parent = letter.replay_of if letter.replay_of in generations else None
    generation = 0 if parent is None else generations[parent] + 1
    # Not `asdict`, which copies every payload through and through.
    values = {field.name: getattr(letter, field.name) for field in fields(letter) if field.name != "failure"}
    values |= {"operation": letter.failure.operation, "fingerprint": letter.failure.fingerprint}
    return values | {"reason": letter.reason.value, "replay_of": parent, "generation": generation}
