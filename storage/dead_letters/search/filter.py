"""Which dead letters: the one way to say it, for lists, counts, exports and replays."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement

from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.letter.identity import first_id_at
from storage.dead_letters.search.filter_shape import FilterShape, with_values
from storage.dead_letters.search.filter_values import (
    InvalidFilter,
    dead_letter_id,
    exact,
    instant,
    known_names,
    replay_id,
    texts,
)
from storage.dead_letters.search.full_text import error_asked, words_asked, words_in
from storage.dead_letters.search.index_expressions import is_long
from storage.dead_letters.state import State

__all__ = ["Filter", "InvalidFilter", "dead_letter_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Every condition that is set must hold; a condition with several values holds for any of them.

    Attributes:
        states, reasons, providers, queues, actors, operations, tenants, fingerprints, owners: exact values.
        error: a part of the error's type or message, whatever the case.
        text: words that all stand somewhere in what is kept: the error's type and message, payload, note, tenant, and the ids of job,
            request, trace and idempotency key. A word is a run of letters and digits, whatever the case; `user-7` is two. Looked for
            in the first 4,000 characters of the message and the first 20,000 of the payload.
        hold: under legal hold, or not; None for either.
        replays: taken last by one of these replays.
        since: died at or after.
        until: died before.
        ids: just these.
    """

    states: tuple[State, ...] = ()
    reasons: tuple[DeadReason, ...] = ()
    providers: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    error: str | None = None
    text: str | None = None
    hold: bool | None = None
    replays: tuple[UUID, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[UUID, ...] = ()

    def __post_init__(self) -> None:
        for name, limit in (("since", self.since), ("until", self.until)):
            if limit is not None and limit.tzinfo is None:
                raise InvalidFilter(f"{name} has no time zone: write 2026-01-31T12:00Z, or a duration as 2h")
        if self.since and self.until and self.since >= self.until:
            raise InvalidFilter(f"since ({self.since}) is not before until ({self.until}): no dead letter can match")
        if self.text is not None and not words_in(self.text):
            raise InvalidFilter(
                f"text {self.text!r} has no word in it: write letters or digits, or use error for parts of words"
            )

    @classmethod
    def parse(
        cls,
        *,
        now: datetime,
        state: Iterable[str] = (),
        reason: Iterable[str] = (),
        provider: Iterable[str] = (),
        queue: Iterable[str] = (),
        actor: Iterable[str] = (),
        operation: Iterable[str] = (),
        tenant: Iterable[str] = (),
        fingerprint: Iterable[str] = (),
        owner: Iterable[str] = (),
        error: str | None = None,
        text: str | None = None,
        hold: bool | None = None,
        replay: Iterable[str] = (),
        since: str | None = None,
        until: str | None = None,
        ids: Iterable[str] = (),
    ) -> Self:
        """A filter from what a person typed.

        `since` and `until` are a time as `2026-01-31` or `2026-01-31T12:00+01:00` (UTC without an offset), or a duration
        before `now` as `90s`, `2h`, `7d`.

        Raises:
            InvalidFilter: with what to write instead.
        """
        return cls(
            states=exact("state", State, state),
            reasons=exact("reason", DeadReason, reason),
            providers=texts("provider", provider),
            queues=texts("queue", queue),
            actors=texts("actor", actor),
            operations=texts("operation", operation),
            tenants=texts("tenant", tenant),
            fingerprints=texts("fingerprint", fingerprint),
            owners=texts("owner", owner),
            error=None if error is None else texts("error", [error])[0],
            text=None if text is None else texts("text", [text])[0],
            hold=hold,
            replays=tuple(replay_id(typed) for typed in replay),
            since=None if since is None else instant("since", since, now),
            until=None if until is None else instant("until", until, now),
            ids=tuple(dead_letter_id(typed) for typed in ids),
        )

    @classmethod
    def from_json(cls, document: object, *, now: datetime | None = None) -> Self:
        """Reads what `to_json` wrote; with `now`, `since` and `until` may also be spans before it.

        Raises:
            InvalidFilter: it says something else; the text names what, and the nearest that would be right.
        """
        given = known_names(document, _JSON_NAMES)
        return cls(
            states=exact("state", State, given.texts("states")),
            reasons=exact("reason", DeadReason, given.texts("reasons")),
            **{name: texts(name, given.texts(name)) for name in _EXACT_TEXTS},
            error=given.text("error"),
            text=given.text("text"),
            hold=given.flag("hold"),
            replays=tuple(replay_id(typed) for typed in given.texts("replays")),
            since=given.instant("since", now),
            until=given.instant("until", now),
            ids=tuple(dead_letter_id(typed) for typed in given.texts("ids")),
        )

    def to_json(self) -> dict[str, Any]:
        """The conditions that are set, in JSON types; for saved filters and replays."""
        return {name: _plain(value) for name in _JSON_NAMES if (value := getattr(self, name)) not in ((), None)}

    def narrowed(self, other: "Filter") -> "Filter":
        """Both filters at once: what matches each of them.

        Raises:
            InvalidFilter: no dead letter can match both.
        """
        return type(self)(**{name: _both(name, getattr(self, name), getattr(other, name)) for name in _JSON_NAMES})

    def asked(self) -> FilterShape:
        """What it asks for, whatever the values."""
        chosen = self._chosen()
        return FilterShape(
            one=tuple(column for column, values in chosen.items() if len(values) == 1),
            several=tuple(column for column, values in chosen.items() if len(values) > 1),
            long=frozenset(column for column, values in chosen.items() if any(map(is_long, values))),
            hold=self.hold,
            ids=bool(self.ids),
            since=bool(self.since),
            until=bool(self.until),
            error=bool(self.error),
            text=bool(self.text),
        )

    def values(self) -> dict[str, Any]:
        """The parameters of what it asks for."""
        found: dict[str, Any] = {
            column: values[0] if len(values) == 1 else values for column, values in self._chosen().items()
        }
        found |= words_asked(self.text) if self.text else {}
        found |= error_asked(self.error) if self.error else {}
        found |= {"id": list(self.ids)} if self.ids else {}
        found |= {"since": first_id_at(self.since)} if self.since else {}
        return found | ({"until": first_id_at(self.until)} if self.until else {})

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as SQL, to be joined by AND."""
        return [with_values(condition, self.values()) for condition in self.asked().conditions()]

    def _chosen(self) -> dict[str, list[Any]]:
        """The values that columns are asked for, by column."""
        chosen: dict[str, tuple[Any, ...]] = {
            "provider": self.providers,
            "queue": self.queues,
            "actor": self.actors,
            "operation": self.operations,
            "reason": tuple(map(str, self.reasons)),
            "state": tuple(map(str, self.states)),
            "fingerprint": self.fingerprints,
            "tenant": self.tenants,
            "owner": self.owners,
            "replay_id": self.replays,
        }
        return {column: list(dict.fromkeys(values)) for column, values in chosen.items() if values}


_JSON_NAMES = tuple(field.name for field in fields(Filter))
_EXACT_TEXTS = ("providers", "queues", "actors", "operations", "tenants", "fingerprints", "owners")


def _plain(value: Any) -> Any:
    match value:
        case tuple():
            return [_plain(each) for each in value]
        case datetime():
            return value.isoformat()
        case UUID() | StrEnum():
            return str(value)
    return value


def _both(name: str, mine: Any, others: Any) -> Any:
    if mine in ((), None) or others in ((), None) or mine == others:
        return others if mine in ((), None) else mine
    match name:
        case "since":
            return max(mine, others)
        case "until":
            return min(mine, others)
        case "text":
            return f"{mine} {others}"
    shared = tuple(each for each in mine if each in others) if isinstance(mine, tuple) else ()
    if not shared:
        raise InvalidFilter(
            f"the saved filter and the conditions beside it contradict each other in {name}: leave one of them out"
        )
    return shared
