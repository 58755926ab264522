"""Writing down the dead letters of another installation."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from storage.dead_letters.audit import EventKind, NewEvent, record
from storage.dead_letters.groups.group_identity import remember
from storage.dead_letters.intake.imported_letter import ImportedLetter
from storage.tables import dead_letters


def import_many(connection: Connection, letters: Sequence[ImportedLetter], *, who: str) -> set[UUID]:
    """Writes dead letters under the ids that they had, each once however often it comes; returns those that were new.

    What is here already stays as it is.
    """
    if not letters:
        return set()
    remember(connection, (letter.failure for letter in letters))
    statement = insert(dead_letters).on_conflict_do_nothing().returning(dead_letters.c.id)
    ordered = sorted(letters, key=lambda letter: letter.id)
    new = set(connection.execute(statement, [letter.values for letter in ordered]).scalars())
    was = {letter.id: letter.was for letter in letters}
    events = [NewEvent(id_, EventKind.IMPORTED, who, detail={"state": was[id_].value}) for id_ in sorted(new)]
    record(connection, events)
    return new
