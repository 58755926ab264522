"""Making a replay: its set is what matches at that moment, and stays that."""

import uuid
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, String, case, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from leeward.actions import ListDeadLetters, ListReplays
from leeward.errors import Conflict
from storage.dead_letters.audit import WHO_LIMIT, EventKind
from storage.payloads.sanitise import beginning
from storage.replays.queries import get
from storage.replays.rules import Rules
from storage.replays.selection import Selection
from storage.replays.state import ItemOutcome, ReplayState
from storage.replays.views import Replay
from storage.tables import dead_letter_events, dead_letters, replay_items, replays

NOTE_LIMIT = 4_000


class NothingToReplay(Conflict):
    """Raised when no dead letter matches. Nothing was made: the transaction is to be rolled back."""

    code = "nothing_to_replay"
    actions = (ListDeadLetters(),)

    def __init__(self) -> None:
        super().__init__("nothing to replay: no failed or reviewing dead letter matches")


class AlreadyUnderWay(Conflict):
    """Raised when a replay with this origin is under way. Nothing was made.

    Attributes:
        origin: what it was.
    """

    code = "replay_under_way"
    actions = (ListReplays(),)

    def __init__(self, origin: str) -> None:
        super().__init__(f"a replay of {origin} is under way")
        self.origin = origin


def create(
    connection: Connection, selection: Selection, rules: Rules, *, who: str, note: str = "", origin: str | None = None
) -> Replay:
    """Plans a replay of what matches now, oldest death first. Dead letters are not changed, so any number of replays may contain
    the same ones: the first that enqueues them gets them.

    Letters that are known to be refused are refused here, with an event in the audit of each.

    Args:
        connection: in a transaction.
        selection: which.
        rules: how careful.
        who: on whose behalf.
        note: why, for the audit.
        origin: what makes it when no person does; at most one of each is under way.

    Raises:
        InvalidFilter: the filter asks for states that cannot be replayed.
        NothingToReplay, AlreadyUnderWay: as they say.
    """
    taken = selection.taken()
    id_ = uuid.uuid4()
    values = {
        "id": id_,
        "state": ReplayState.PLANNED.value,
        "who": beginning(who, WHO_LIMIT),
        "note": beginning(note, NOTE_LIMIT),
        "filter": selection.filter.to_json(),
        "rules": rules.document(),
        "letters": 0,
        "origin": origin,
    }
    made = connection.execute(insert_or_skip(replays).values(values).on_conflict_do_nothing().returning(replays.c.id))
    if made.one_or_none() is None:
        raise AlreadyUnderWay(origin or "this kind")
    names = ["replay_id", "position", "dead_letter_id", "provider", "outcome", "why", "ended_at"]
    items = insert(replay_items).from_select(names, _items(id_, selection, taken))
    letters = connection.execute(items.execution_options(preserve_rowcount=True)).rowcount
    if not letters:
        raise NothingToReplay
    connection.execute(update(replays).where(replays.c.id == id_).values(letters=letters))
    _audit_refusals(connection, id_, who)
    return get(connection, id_)


def _items(id_: UUID, selection: Selection, taken: list[Any]) -> Select[Any]:
    row = dead_letters.c
    matching = select(row.id, row.provider, selection.refusal().label("why")).where(*taken)
    if selection.limit is not None:
        matching = _oldest(matching, selection.limit)
    found = matching.cte("matching")
    refused = found.c.why.is_not(None)
    return select(
        literal(id_),
        func.row_number().over(order_by=found.c.id),
        found.c.id,
        found.c.provider,
        case((refused, ItemOutcome.REFUSED.value), else_=ItemOutcome.PENDING.value),
        found.c.why,
        case((refused, func.now()), else_=None),
    ).order_by(found.c.id)


def _oldest(matching: Select[Any], limit: int) -> Select[Any]:
    """The first so many that are not refused, and the refused ones before the last of them."""
    found = matching.subquery("every")
    free = func.count().filter(found.c.why.is_(None))
    numbered = select(found, free.over(order_by=found.c.id).label("number")).subquery("numbered")
    inside = (numbered.c.number < limit) | ((numbered.c.number == limit) & numbered.c.why.is_(None))
    return select(numbered.c.id, numbered.c.provider, numbered.c.why).where(inside)


def _audit_refusals(connection: Connection, id_: UUID, who: str) -> None:
    row = replay_items.c
    detail = func.jsonb_build_object("why", row.why, "replay", literal(str(id_), String))
    refused = select(
        row.dead_letter_id, literal(beginning(who, WHO_LIMIT)), literal(EventKind.REFUSED.value), detail
    ).where(row.replay_id == id_, row.outcome == ItemOutcome.REFUSED.value)
    names = ["dead_letter_id", "who", "event", "detail"]
    connection.execute(insert(dead_letter_events).from_select(names, refused.order_by(row.position)))
