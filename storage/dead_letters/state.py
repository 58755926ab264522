"""Where a dead letter stands with the people who look after it."""

from enum import StrEnum


class State(StrEnum):
    FAILED = "failed"
    """No one has decided about it yet."""
    REVIEWING = "reviewing"
    """It has an owner."""
    REQUEUED = "requeued"
    """Its job is replayed, or about to be."""
    DISCARDED = "discarded"
    """Someone decided that the job will not be done."""
    RECOVERED = "recovered"
    """Its job was done after all, by a replay."""


OPEN: tuple[State, ...] = (State.FAILED, State.REVIEWING)
"""What triage can still change, and what a replay takes."""
