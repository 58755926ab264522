"""Handlers of events that nothing emits."""

from collections.abc import Iterable
from difflib import get_close_matches

from leeward.extension import EVENT_TYPES, Extension
from leeward.extension.events.pattern import matches, patterns


def without_emitter(extension: Extension, installed: Iterable[Extension]) -> str | None:
    """The first handler whose type of event neither the fleet nor an installed extension emits; None when all are known."""
    known = {*EVENT_TYPES, *(name for one in installed for name in one.events)}
    for handler in extension.handlers:
        for event in patterns(handler.event):
            if not any(matches(event, name) for name in known):
                close = get_close_matches(event, sorted(known), n=1)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known))}"
                return f"{handler.__name__} handles {event!r}, which nothing emits; {hint}"
    return None
