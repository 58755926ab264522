"""The three lanes of every queue."""

from difflib import get_close_matches
from enum import StrEnum
from typing import Literal

from leeward.errors import Invalid


class Priority(StrEnum):
    """A lane. Across the whole fleet a queue's lane is served only while every lane above it is empty."""

    INTERACTIVE = "interactive"
    """Someone is waiting for it."""
    NORMAL = "normal"
    BULK = "bulk"
    """Imports and replays: never in the way of fresh work."""


PriorityName = Literal["interactive", "normal", "bulk"]

LANES: tuple[Priority, ...] = (Priority.INTERACTIVE, Priority.NORMAL, Priority.BULK)
"""In serving order."""


def priority_of(value: object) -> Priority:
    """The lane of this name.

    Raises:
        Invalid: it is none.
    """
    try:
        return Priority(value)  # type: ignore[arg-type]
    except ValueError:
        pass
    near = get_close_matches(value, LANES, n=1) if isinstance(value, str) else []
    advice = f"did you mean {str(near[0])!r}?" if near else f"write one of {', '.join(LANES)}"
    raise Invalid(f"{value!r} is not a priority: {advice}")
