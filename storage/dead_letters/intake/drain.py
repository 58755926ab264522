"""From the outbox into PostgreSQL: each entry once, whatever is in it and however often it comes."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.intake.new_letter import DeadLetter, UnreadableEntry, uuid_of
from storage.dead_letters.intake.recovery import mark_recovered
from storage.payloads.sanitise import decoded

_log = structlog.get_logger(__name__)

_ABOUT_THE_DATA = ("22", "23", "54", "XX")
"""Classes of SQLSTATE that blame what is written, not the server's state: data, constraint, limit, internal error."""


class Entry(NamedTuple):
    """An entry of an outbox, as its stream holds it."""

    id: str
    fields: Mapping[bytes, bytes]


def drain(connection: Connection, provider: str, entries: Sequence[tuple[str, Mapping[bytes, bytes]]]) -> list[str]:
    """Writes a provider's entries down and returns the ids of those that may be forgotten, which are all unless something is wrong.

    One transaction for the batch; when that fails although PostgreSQL is there, one for each entry. An entry that cannot be stored as what
    it is is kept as its bare bytes, and never holds up the others. Idempotent: any number of drainers may write the same entries at once.

    Args:
        connection: not in a transaction.
        provider: whose outbox it is.
        entries: id and fields, in the order of the stream.

    Raises:
        sqlalchemy.exc.DBAPIError: PostgreSQL cannot be reached, or cannot write at all. Everything is to be tried again.
    """
    named = [Entry(*entry) for entry in entries]
    try:
        _store(connection, provider, named)
    except Exception as error:  # whatever it is, only the entry that causes it shall suffer
        if _lost(error):
            raise
        return _one_by_one(connection, provider, named)
    return [entry.id for entry in named]


def _one_by_one(connection: Connection, provider: str, entries: Sequence[Entry]) -> list[str]:
    stored: list[str] = []
    last: Exception | None = None
    for entry in entries:
        try:
            _store_somehow(connection, provider, entry)
        except Exception as error:  # as above; it stays in the outbox
            if _lost(error):
                raise
            # No traceback: some renderers show local variables, and those are dead jobs with their secrets.
            _log.error("dead_letter_not_stored", provider=provider, entry=entry.id, error=str(error))
            last = error
        else:
            stored.append(entry.id)
    if last is not None and not stored:
        raise last
    return stored


def _store_somehow(connection: Connection, provider: str, entry: Entry) -> None:
    try:
        _store(connection, provider, [entry])
    except Exception as error:  # what is left of it is better than nothing
        if _lost(error) or not _is_about_the_data(error):
            raise
        _log.warning("dead_letter_kept_as_bytes", provider=provider, entry=entry.id, error=str(error))
        with connection.begin():
            insert_many(connection, [DeadLetter.minimal(provider, entry.id, entry.fields, str(error))])


def _store(connection: Connection, provider: str, entries: Sequence[Entry]) -> None:
    recovered = [entry for entry in entries if entry.fields.get(b"kind") == b"recovered"]
    dead = [entry for entry in entries if entry.fields.get(b"kind") != b"recovered"]
    letters = [_letter(provider, entry) for entry in dead]
    jobs = _recovered_jobs(provider, recovered)
    with connection.begin():
        insert_many(connection, letters)
        mark_recovered(connection, jobs)


def _letter(provider: str, entry: Entry) -> DeadLetter:
    try:
        return DeadLetter.from_outbox(provider, entry.id, entry.fields)
    except UnreadableEntry as error:
        _log.warning("outbox_entry_not_understood", provider=provider, entry=entry.id, error=str(error))
        return DeadLetter.minimal(provider, entry.id, entry.fields, str(error))


def _recovered_jobs(provider: str, entries: Sequence[Entry]) -> dict[UUID, str]:
    jobs: dict[UUID, str] = {}
    for entry in entries:
        dead_letter = uuid_of(decoded(entry.fields.get(b"replay_of", b"")))
        if dead_letter is None:
            # A done job whose message named no dead letter of ours: there is nothing to note it on.
            _log.warning("recovery_of_nothing", provider=provider, entry=entry.id)
        else:
            jobs[dead_letter] = decoded(entry.fields.get(b"job", b""))
    return jobs


def _lost(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _is_about_the_data(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        return True
    return str(getattr(error.orig, "sqlstate", None) or "").startswith(_ABOUT_THE_DATA)
