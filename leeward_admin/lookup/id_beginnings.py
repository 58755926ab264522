"""Ids of which people type only the beginning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from leeward.actions import Action
from leeward.errors import Invalid, NotFound
from storage.dead_letters.search.filter_values import InvalidFilter

__all__ = ["AmbiguousId"]

WHOLE = 32
"""Characters of a UUID without dashes."""
CANDIDATES = 10
"""How many of the ids that begin so an error names."""


class AmbiguousId(Invalid):
    """Raised when several ids begin as it was typed.

    Attributes:
        beginning: what was typed.
        candidates: ids that begin so, ten at most.
    """

    code = "ambiguous_id"

    def __init__(self, what: str, beginning: str, found: Sequence[str]) -> None:
        self.beginning, self.candidates = beginning, tuple(found[:CANDIDATES])
        more = " and others" if len(found) > CANDIDATES else ""
        super().__init__(
            f"the ids of several {what} begin with {beginning!r}: {', '.join(self.candidates)}{more}; type more of it"
        )


def the_only(what: str, beginning: str, found: Sequence[str]) -> str | None:
    """The id that begins so; None when none does.

    Raises:
        AmbiguousId: several do.
    """
    if len(found) > 1:
        raise AmbiguousId(what, beginning, found)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class IdKind:
    """Whose ids they are.

    Attributes:
        one, many: what one of them is called, and several.
        unknown: the error that there is none, made of what was typed.
        actions: where to find the right one.
    """

    one: str
    many: str
    unknown: Callable[[str], NotFound]
    actions: tuple[Action, ...]


def whole_uuid(text: str, beginning_so: Callable[[str, int], Sequence[UUID]], *, kind: IdKind) -> UUID:
    """The UUID that was typed, as a whole or as its beginning. A whole one is not looked for.

    Raises:
        InvalidFilter: it is neither.
        AmbiguousId: several begin so.
        NotFound: none does.
    """
    try:
        return UUID(text)
    except ValueError:
        pass
    try:
        found = beginning_so(text, CANDIDATES + 1)
    except ValueError:
        raise InvalidFilter(f"{text!r} is not the id of {kind.one}", actions=kind.actions) from None
    only = the_only(kind.many, text, list(map(str, found)))
    if only is None:
        raise kind.unknown(text)
    return UUID(only)
