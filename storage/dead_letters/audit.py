"""The audit of dead letters: who did what to which, and when. Rows are only ever added; the database refuses anything else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select, text

from storage.dead_letters.state import State
from storage.payloads.sanitise import beginning, json_value
from storage.tables import dead_letter_events

DETAIL_LIMIT_BYTES = 16 * 1024
WHO_LIMIT = 200
FLEET = "fleet"
"""Who did it when no person did."""
# One statement for any number: a replay writes hundreds at once.
_RECORD = text("""
    INSERT INTO dead_letter_events (dead_letter_id, who, event, from_state, to_state, detail)
    SELECT dead_letter_id, who, event, from_state, to_state, CAST(detail AS jsonb)
    FROM unnest(
        CAST(:dead_letter_id AS uuid[]), CAST(:who AS text[]), CAST(:event AS text[]),
        CAST(:from_state AS text[]), CAST(:to_state AS text[]), CAST(:detail AS text[])
    ) WITH ORDINALITY AS event (dead_letter_id, who, event, from_state, to_state, detail, number)
    ORDER BY number
""")


class EventKind(StrEnum):
    REVIEWED = "reviewed"
    ASSIGNED = "assigned"
    NOTED = "noted"
    DISCARDED = "discarded"
    EDITED = "edited"
    """Its payload was corrected; `detail.before` and `detail.after` say how, without secrets."""
    HELD = "held"
    """Put under legal hold."""
    RELEASED = "released"
    """Its legal hold is over."""
    IMPORTED = "imported"
    """It was brought here from another installation."""
    REQUEUED = "requeued"
    """A replay took it and gave it the id of its new job."""
    ENQUEUED = "enqueued"
    """The new job is known to be with the fleet. Written by older releases; the items of replays say it now."""
    DUPLICATE = "duplicate"
    """Its idempotency key belonged to another job, so no new one was made."""
    REFUSED = "refused"
    """A replay would have taken it, but it cannot be replayed."""
    RECOVERED = "recovered"
    DEAD_AGAIN = "dead_again"
    """The replayed job died, too: `detail.dead_letter` is its own dead letter."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened to a dead letter."""

    dead_letter_id: UUID
    event: EventKind
    who: str = FLEET
    from_state: State | None = None
    to_state: State | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is read back."""

    at: datetime
    who: str
    event: EventKind
    from_state: State | None
    to_state: State | None
    detail: dict[str, Any]


def record(connection: Connection, events: Sequence[NewEvent]) -> None:
    """Adds events, in this order. To be called in the transaction that makes the change."""
    if events:
        rows = [_values(event) for event in events]
        connection.execute(_RECORD, {name: [row[name] for row in rows] for name in rows[0]})


def history(connection: Connection, dead_letter_id: UUID) -> list[StoredEvent]:
    """What happened to a dead letter since it was written, first to last."""
    row = dead_letter_events.c
    return [_stored(each) for each in connection.execute(_about(dead_letter_id).order_by(row.id))]


def latest(connection: Connection, dead_letter_id: UUID) -> StoredEvent | None:
    """The last thing that happened to a dead letter; None when nothing did since it was written."""
    found = connection.execute(_about(dead_letter_id).order_by(dead_letter_events.c.id.desc()).limit(1)).one_or_none()
    return None if found is None else _stored(found)


def _about(dead_letter_id: UUID) -> Select[Any]:
    row = dead_letter_events.c
    query = select(row.at, row.who, row.event, row.from_state, row.to_state, row.detail)
    return query.where(row.dead_letter_id == dead_letter_id)


def _stored(row: Row[Any]) -> StoredEvent:
    return StoredEvent(row.at, row.who, EventKind(row.event), _state(row.from_state), _state(row.to_state), row.detail)


def _values(event: NewEvent) -> dict[str, Any]:
    return {
        "dead_letter_id": event.dead_letter_id,
        "who": beginning(event.who, WHO_LIMIT),
        "event": event.event.value,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "detail": json.dumps(json_value(event.detail, DETAIL_LIMIT_BYTES)),
    }


def _state(value: str | None) -> State | None:
    return None if value is None else State(value)
