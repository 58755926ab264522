"""Why a job ends as a dead letter."""

from enum import StrEnum


class DeadReason(StrEnum):
    """Kept from release to release: programs and dead letters hold these values."""

    EXHAUSTED = "exhausted"
    """Every attempt failed."""
    PERMANENT = "permanent"
    """The provider will never accept it."""
    EXPIRED = "expired"
    """Its deadline passed."""
    CRASH_LOOP = "crash_loop"
    """Its worker processes stopped while it ran, at last while it was alone in one."""
    INVALID = "invalid"
    """Its payload does not match its schema, or an option of its message cannot be followed."""
    UNDECODABLE = "undecodable"
    """Its bytes are not a message."""
    UNKNOWN_ACTOR = "unknown_actor"
    """No worker knows its actor."""
    UNKNOWN_OUTCOME = "unknown_outcome"
    """A crash or a lost answer left open whether its effect happened, and the actor's policy is to ask a person."""
