"""Why a job died, as the table stores it."""

from enum import StrEnum


class Reason(StrEnum):
    """The values of `broker.delivery.outcomes.DeadReason`, which explains them. Storage may not import it; a test compares the two."""

    EXHAUSTED = "exhausted"
    PERMANENT = "permanent"
    EXPIRED = "expired"
    CRASH_LOOP = "crash_loop"
    INVALID = "invalid"
    UNDECODABLE = "undecodable"
    UNKNOWN_ACTOR = "unknown_actor"
    UNKNOWN_OUTCOME = "unknown_outcome"
