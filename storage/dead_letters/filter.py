"""Which dead letters: the one way to say it, for lists, counts, exports and replays."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from storage.reason import Reason
from storage.state import State
from storage.storable import escaped
from storage.tables import dead_letters

_AGO = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_Value = TypeVar("_Value", bound=StrEnum)


class InvalidFilter(ValueError):
    """Raised when a filter cannot mean anything; its text says what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Every condition that is set must hold; a condition with several values holds for any of them.

    Attributes:
        states, reasons, providers, queues, actors: exact values.
        error: a part of the error's type or message, whatever the case.
        since: died at or after.
        until: died before.
        ids: just these.
    """

    states: tuple[State, ...] = ()
    reasons: tuple[Reason, ...] = ()
    providers: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    error: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[UUID, ...] = ()

    def __post_init__(self) -> None:
        for name, instant in (("since", self.since), ("until", self.until)):
            if instant is not None and instant.tzinfo is None:
                raise InvalidFilter(f"{name} has no time zone: write 2026-01-31T12:00Z, or a span as 2h")
        if self.since and self.until and self.since >= self.until:
            raise InvalidFilter(f"since ({self.since}) is not before until ({self.until}): no dead letter can match")

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
        error: str | None = None,
        since: str | None = None,
        until: str | None = None,
        ids: Iterable[str] = (),
    ) -> Self:
        """A filter from what a person typed.

        `since` and `until` are a time as `2026-01-31` or `2026-01-31T12:00+01:00` (UTC without an offset), or a span
        before `now` as `90s`, `2h`, `7d`.

        Raises:
            InvalidFilter: with what to write instead.
        """
        return cls(
            states=_values("state", State, state),
            reasons=_values("reason", Reason, reason),
            providers=_texts("provider", provider),
            queues=_texts("queue", queue),
            actors=_texts("actor", actor),
            error=None if error is None else _texts("error", [error])[0],
            since=None if since is None else _instant("since", since, now),
            until=None if until is None else _instant("until", until, now),
            ids=tuple(dead_letter_id(text) for text in ids),
        )

    def conditions(self, *, states: bool = True) -> list[ColumnElement[bool]]:
        """The filter as SQL, to be joined by AND; without its states if so wished."""
        row = dead_letters.c
        chosen = [
            (row.state, self.states if states else ()),
            (row.reason, self.reasons),
            (row.provider, self.providers),
            (row.queue, self.queues),
            (row.actor, self.actors),
            (row.id, self.ids),
        ]
        found: list[ColumnElement[bool]] = [column.in_(values) for column, values in chosen if values]
        if self.error:
            parts = (row.error_message, row.error_type)
            found.append(or_(*(part.icontains(self.error, autoescape=True) for part in parts)))
        if self.since:
            found.append(row.died_at >= self.since)
        if self.until:
            found.append(row.died_at < self.until)
        return found


def dead_letter_id(text: str) -> UUID:
    """The id of a dead letter as a person typed it.

    Raises:
        InvalidFilter: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise InvalidFilter(f"{text!r} is not the id of a dead letter: copy one from `leeward dlq list`") from None


def _values(name: str, kind: type[_Value], texts: Iterable[str]) -> tuple[_Value, ...]:
    return tuple(_value(name, kind, text) for text in texts)


def _value(name: str, kind: type[_Value], text: str) -> _Value:
    try:
        return kind(text)
    except ValueError:
        raise InvalidFilter(f"{name} {text!r} does not exist: use one of {', '.join(kind)}") from None


def _texts(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    found = tuple(texts)
    for text in found:
        if not text.strip() or escaped(text) != text:
            raise InvalidFilter(f"{name} {text!r} can match nothing: leave it out to match everything")
    return found


def _instant(name: str, text: str, now: datetime) -> datetime:
    span = _AGO.fullmatch(text.strip())
    try:
        if span:
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        instant = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise InvalidFilter(
            f"{name} {text!r} is no time: write 2026-01-31, 2026-01-31T12:00+01:00, or a span ago as 90s, 2h, 7d"
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
