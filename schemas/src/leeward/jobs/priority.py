"""The three lanes of every queue."""

from enum import StrEnum


class Priority(StrEnum):
    """A lane. Across the whole fleet a queue's lane is served only while every lane above it is empty."""

    INTERACTIVE = "interactive"
    """Someone is waiting for it."""
    NORMAL = "normal"
    BULK = "bulk"
    """Imports and replays: never in the way of fresh work."""


LANES: tuple[Priority, ...] = (Priority.INTERACTIVE, Priority.NORMAL, Priority.BULK)
"""In serving order."""
