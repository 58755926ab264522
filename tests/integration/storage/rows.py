"""Dead letters in a database, for the tests of what is done with them."""

import json
from uuid import UUID

from sqlalchemy import Connection

from leeward import SyncUser
from storage.dead_letters.audit import StoredEvent, history
from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.intake.new_letter import DeadLetter
from storage.dead_letters.letter.queries import get
from storage.dead_letters.letter.views import Detail
from storage.dead_letters.search.filter import Filter
from storage.replays.claims import Claim, claim
from storage.replays.creation import create
from storage.replays.rules import Rules
from storage.replays.selection import Selection
from storage.replays.state import ReplayState
from storage.replays.steps import step
from tests.unit.storage.dead_letters.intake.dead_entries import DIED_AT_MS, dead_fields, message_of


def letter(number: int, *, provider: str = "jellyfin", message: bytes | None = None, **changes: str) -> DeadLetter:
    """The dead letter that died `number` seconds after the first."""
    message = message or message_of(SyncUser(user=f"user-{number}", provider=provider), message_id=f"job-{number}")
    died_at_ms = DIED_AT_MS + number * 1_000
    fields = dead_fields(message, **{"died_at": str(died_at_ms), "queue": f"sync.{provider}"} | changes)
    return DeadLetter.from_outbox(provider, f"{died_at_ms}-0", fields)


def claimed(connection: Connection, id_: UUID) -> Claim:
    """A dead letter as a replay of its own has it, right before the enqueue."""
    with connection.begin():
        made = create(connection, Selection(filter=Filter(ids=(id_,))), Rules(), who="ada", note="it is back")
        running = step(connection, made.id, ReplayState.RUNNING)
        (found,) = claim(connection, running, {get(connection, id_).provider: 1}).claims
    return found


def failing_with(type_: str, message: str) -> str:
    return json.dumps({"type": type_, "message": message})


def keep(connection: Connection, *letters: DeadLetter) -> list[UUID]:
    with connection.begin():
        insert_many(connection, letters)
    return [each.id for each in letters]


def read(connection: Connection, id_: UUID) -> Detail:
    with connection.begin():
        return get(connection, id_)


def events(connection: Connection, id_: UUID) -> list[StoredEvent]:
    with connection.begin():
        return history(connection, id_)
