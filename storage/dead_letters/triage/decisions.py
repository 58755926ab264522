"""What people decide about dead letters. A decision names the version it was based on, so that no unseen change is overwritten."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from leeward.errors import Conflict
from storage.dead_letters.audit import EventKind, NewEvent, StoredEvent, latest, record
from storage.dead_letters.letter.queries import UnknownDeadLetter
from storage.dead_letters.letter.views import Summary
from storage.dead_letters.state import OPEN, State
from storage.payloads.sanitise import beginning
from storage.tables import dead_letters

NOTE_LIMIT = 4_000
OWNER_LIMIT = 200


class DeadLetterChanged(Conflict):
    """Raised when the dead letter was changed since it was read.

    Attributes:
        current: the dead letter as it is now.
        expected_version: what the caller had seen.
        last: the latest that happened to it; None when nothing is recorded.
    """

    code = "dead_letter_changed"

    def __init__(self, current: Summary, expected_version: int, last: StoredEvent | None = None) -> None:
        owner = f"owned by {current.owner}" if current.owner else "without an owner"
        whom = f" ({last.who}: {last.event}, {last.at:%Y-%m-%d %H:%M:%SZ})" if last else ""
        super().__init__(
            f"dead letter {current.id} has changed since you read it{whom}: it is {current.state}, {owner}, at version"
            f" {current.version} (you had version {expected_version}); look at it again, then decide"
        )
        self.last = last
        self.current = current
        self.expected_version = expected_version


class ImpossibleStep(Conflict):
    """Raised when a dead letter's state does not allow what was asked.

    Attributes:
        current: the dead letter as it is now.
        wanted: the event that was asked for.
    """

    code = "impossible_step"

    def __init__(self, current: Summary, wanted: EventKind) -> None:
        super().__init__(f"dead letter {current.id} is {current.state}: only {' or '.join(OPEN)} ones can be {wanted}")
        self.current = current
        self.wanted = wanted


def review(connection: Connection, id_: UUID, version: int, *, who: str) -> Summary:
    """Takes a dead letter on: it is `reviewing`, and owned by `who`.

    Raises:
        DeadLetterChanged, ImpossibleStep, UnknownDeadLetter: nothing was changed.
    """
    changes = {"state": State.REVIEWING, "owner": beginning(who, OWNER_LIMIT)}
    return decide(connection, Decision(id_, version, who, EventKind.REVIEWED, changes))


def assign(connection: Connection, id_: UUID, version: int, *, who: str, owner: str | None) -> Summary:
    """Assigns a dead letter to `owner`, or to no one: then it is `failed` again.

    Raises:
        DeadLetterChanged, ImpossibleStep, UnknownDeadLetter: nothing was changed.
    """
    state = State.REVIEWING if owner else State.FAILED
    changes = {"state": state, "owner": beginning(owner, OWNER_LIMIT) if owner else None}
    return decide(connection, Decision(id_, version, who, EventKind.ASSIGNED, changes, {"owner": owner}))


def note(connection: Connection, id_: UUID, version: int, *, who: str, text: str) -> Summary:
    """Writes what is known about a dead letter, in place of the former note; the audit keeps both. Possible in every state.

    Raises:
        DeadLetterChanged, UnknownDeadLetter: nothing was changed.
    """
    changes = {"note": beginning(text, NOTE_LIMIT)}
    return decide(
        connection, Decision(id_, version, who, EventKind.NOTED, changes, {"note": text}, allowed=tuple(State))
    )


def discard(connection: Connection, id_: UUID, version: int, *, who: str, note: str) -> Summary:
    """Decides that the job will not be done.

    Raises:
        DeadLetterChanged, ImpossibleStep, UnknownDeadLetter: nothing was changed.
    """
    changes = {"state": State.DISCARDED, "note": beginning(note, NOTE_LIMIT), "finished_at": func.now()}
    return decide(connection, Decision(id_, version, who, EventKind.DISCARDED, changes, {"note": note}))


def hold(connection: Connection, id_: UUID, version: int, *, who: str, reason: str) -> Summary:
    """Puts a dead letter under legal hold: retention passes it over. Possible in every state; once more only adds to the audit.

    Raises:
        DeadLetterChanged, UnknownDeadLetter: nothing was changed.
    """
    decision = Decision(id_, version, who, EventKind.HELD, {"hold": True}, {"reason": reason}, allowed=tuple(State))
    return decide(connection, decision)


def release(connection: Connection, id_: UUID, version: int, *, who: str, reason: str) -> Summary:
    """Ends a legal hold. Retention counts as if there had been none.

    Raises:
        DeadLetterChanged, UnknownDeadLetter: nothing was changed.
    """
    decision = Decision(
        id_, version, who, EventKind.RELEASED, {"hold": False}, {"reason": reason}, allowed=tuple(State)
    )
    return decide(connection, decision)


@dataclass(frozen=True, slots=True)
class Decision:
    """A change that a person makes to one dead letter.

    Attributes:
        version: the one it was decided on.
        changes: new values by column; none: as they are.
        detail: of its event.
        allowed: the states in which it is possible.
    """

    id: UUID
    version: int
    who: str
    event: EventKind
    changes: dict[str, Any]
    detail: dict[str, Any] | None = None
    allowed: tuple[State, ...] = OPEN


def decide(connection: Connection, decision: Decision) -> Summary:
    """Makes a decision and records it.

    Raises:
        DeadLetterChanged, ImpossibleStep, UnknownDeadLetter: nothing was changed.
    """
    current = _locked(connection, decision.id)
    if current.version != decision.version:
        raise DeadLetterChanged(current, decision.version, latest(connection, decision.id))
    if current.state not in decision.allowed:
        raise ImpossibleStep(current, decision.event)
    row = dead_letters.c
    change = update(dead_letters).where(row.id == decision.id)
    change = change.values(version=row.version + 1, updated_at=func.now(), **decision.changes)
    changed = Summary.of(connection.execute(change.returning(*Summary.columns())).one())
    event = NewEvent(decision.id, decision.event, decision.who, current.state, changed.state, decision.detail or {})
    record(connection, [event])
    return changed


def _locked(connection: Connection, id_: UUID) -> Summary:
    query = select(*Summary.columns()).where(dead_letters.c.id == id_).with_for_update()
    found = connection.execute(query).one_or_none()
    if found is None:
        raise UnknownDeadLetter(id_)
    return Summary.of(found)
