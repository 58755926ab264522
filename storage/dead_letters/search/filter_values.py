"""Single conditions of a filter, from what people type and from JSON."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from leeward.actions import Action, ListDeadLetters, ListReplays
from leeward.duration import parse_duration
from leeward.errors import Invalid
from storage.payloads.sanitise import escaped

_Value = TypeVar("_Value", bound=StrEnum)


class InvalidFilter(Invalid):
    """Raised when a filter cannot mean anything; its text says what to write instead."""

    code = "invalid_filter"


def dead_letter_id(text: str) -> UUID:
    """The id of a dead letter as a person typed it.

    Raises:
        InvalidFilter: it is none.
    """
    return _uuid(text, "a dead letter", ListDeadLetters())


def replay_id(text: str) -> UUID:
    """The id of a replay as a person typed it.

    Raises:
        InvalidFilter: it is none.
    """
    return _uuid(text, "a replay", ListReplays())


def exact(name: str, kind: type[_Value], typed: Iterable[str]) -> tuple[_Value, ...]:
    """Values of a closed set.

    Raises:
        InvalidFilter: one is not of it.
    """
    return tuple(_value(name, kind, text) for text in typed)


def texts(name: str, typed: Iterable[str]) -> tuple[str, ...]:
    """Values of an open set.

    Raises:
        InvalidFilter: one says nothing.
    """
    found = tuple(typed)
    for text in found:
        if not text.strip() or escaped(text) != text:
            raise InvalidFilter(f"{name} {text!r} can match nothing: leave it out to match everything")
    return found


def instant(name: str, text: str, now: datetime | None) -> datetime:
    """A time; with `now` also a duration before it.

    Raises:
        InvalidFilter: it is neither.
    """
    before = None if now is None else _duration(text)
    try:
        if now is not None and before is not None:
            return now - before
        found = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise InvalidFilter(
            f"{name} {text!r} is not a valid time: "
            "use for example 2026-01-31, 2026-01-31T12:00+01:00, or a duration before now as 90s, 2h, 7d"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta | None:
    try:
        return parse_duration(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Given:
    """The members of a filter's JSON object, each asked for as what it should be."""

    members: Mapping[str, Any]

    def texts(self, name: str) -> list[str]:
        """A list of texts; an empty one for a member that is not there."""
        found = self.members.get(name, [])
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise InvalidFilter(
                f"{name} is a list of texts in a filter, as {{{name!r}: [...]}}; this is {_kind(found)}"
            )
        return found

    def text(self, name: str) -> str | None:
        """A text; None for a member that is not there."""
        found = self.members.get(name)
        if found is None:
            return None
        if not isinstance(found, str):
            raise InvalidFilter(f"{name} is a text in a filter; this is {_kind(found)}")
        return texts(name, [found])[0]

    def flag(self, name: str) -> bool | None:
        """True or false; None for a member that is not there."""
        found = self.members.get(name)
        if found is not None and not isinstance(found, bool):
            raise InvalidFilter(f"{name} is true or false in a filter; this is {_kind(found)}")
        return found

    def instant(self, name: str, now: datetime | None) -> datetime | None:
        """A time, with `now` also a duration before it; None for a member that is not there."""
        found = self.text(name)
        return None if found is None else instant(name, found, now)


def known_names(document: object, names: Sequence[str]) -> Given:
    """The members of a filter's JSON.

    Raises:
        InvalidFilter: it is not an object, or has a member that no filter has.
    """
    if not isinstance(document, dict):
        raise InvalidFilter(f"a filter is a JSON object; this is {_kind(document)}")
    for name in document:
        if name not in names:
            nearest = difflib.get_close_matches(str(name), names, n=1)
            advice = f"did you mean {nearest[0]}?" if nearest else f"use {', '.join(names)}"
            raise InvalidFilter(f"a filter has no {name!r}: {advice}")
    return Given(document)


def _uuid(text: str, what: str, look: Action) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidFilter(f"{text!r} is not the id of {what}", actions=(look,)) from None


def _value(name: str, kind: type[_Value], text: str) -> _Value:
    try:
        return kind(text)
    except ValueError:
        close = difflib.get_close_matches(text, list(kind), n=1)
        hint = f"did you mean {close[0]}? There are" if close else "use one of"
        raise InvalidFilter(f"{name} {text!r} does not exist: {hint} {', '.join(kind)}") from None


def _kind(value: object) -> str:
    return {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(
        type(value), "a number"
    )
