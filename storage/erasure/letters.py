"""Dead letters, their audit, their groups and replays without a person."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.dead_letters.state import OPEN, State
from storage.erasure.rows import erase_rows
from storage.erasure.subject import Subject
from storage.tables import (
    dead_letter_changes,
    dead_letter_events,
    dead_letter_filters,
    dead_letter_group_tenants,
    dead_letter_groups,
    dead_letters,
    replay_items,
    replays,
)

REFUSAL = "a person's data was erased from it"
"""Why a letter without its person is not replayed: it would be another job."""
_COLUMNS = (
    *("message", "payload", "options", "error", "error_type", "error_message", "progress", "edited_message"),
    *("edited_payload", "owner", "note", "request_id", "trace_id", "idempotency_key", "tenant", "operation", "worker"),
)


def erase_letters(connection: Connection, subject: Subject, *, apply: bool) -> tuple[int, list[UUID]]:
    """How many name the person, and which of them are left because they are under legal hold. Open ones become discarded."""
    held: list[UUID] = []

    def further(row: RowMapping) -> dict[str, Any] | None:
        if row["hold"]:
            held.append(row["id"])
            return None
        ends = {"state": State.DISCARDED, "finished_at": func.now()} if row["state"] in OPEN else {}
        return {"replay_refusal": REFUSAL, "version": row["version"] + 1, "updated_at": func.now(), **ends}

    needs = ("id", "hold", "state", "version")
    found = erase_rows(connection, dead_letters, _COLUMNS, subject, apply=apply, further=further, needs=needs)
    return found, held


def erase_about_letters(connection: Connection, subject: Subject, *, apply: bool) -> dict[str, int]:
    """How many rows beside the letters name the person, by what they are."""
    counts = {
        "audit": erase_rows(connection, dead_letter_events, ("who", "detail"), subject, apply=apply),
        "groups": erase_rows(connection, dead_letter_groups, ("message", "operation"), subject, apply=apply),
        "saved filters": erase_rows(connection, dead_letter_filters, ("filter", "who"), subject, apply=apply),
        "replays": erase_rows(connection, replays, ("note", "who", "cause", "filter"), subject, apply=apply)
        + erase_rows(connection, replay_items, ("why",), subject, apply=apply),
    }
    counts["groups"] += erase_rows(connection, dead_letter_changes, ("tenant",), subject, apply=apply)
    counts["groups"] += _erase_tenants(connection, subject, apply=apply)
    return counts


def _erase_tenants(connection: Connection, subject: Subject, *, apply: bool) -> int:
    """The tenant is part of the key, so that its row is replaced."""
    row = dead_letter_group_tenants.c
    named = func.lower(row.tenant) == subject.text.lower()
    with connection.begin():
        found = connection.execute(select(row.fingerprint, row.tenant, row.letters).where(named)).all()
        if found and apply:
            connection.execute(delete(dead_letter_group_tenants).where(named))
            new = upsert(dead_letter_group_tenants)
            more = {"letters": row.letters + new.excluded.letters}
            # One person in two spellings is two rows of one group.
            for each in found:
                values = {"fingerprint": each.fingerprint, "tenant": subject.pseudonym, "letters": each.letters}
                connection.execute(
                    new.values(values).on_conflict_do_update(index_elements=["fingerprint", "tenant"], set_=more)
                )
    return len(found)
