"""Why a job died, as the table stores it."""

from enum import StrEnum


class Reason(StrEnum):
    """The values of `broker.outcomes.DeadReason`, where each is explained; storage may not import the broker, a test compares them."""

    EXHAUSTED = "exhausted"
    PERMANENT = "permanent"
    EXPIRED = "expired"
    CRASH_LOOP = "crash_loop"
    INVALID = "invalid"
    UNDECODABLE = "undecodable"
    UNKNOWN_ACTOR = "unknown_actor"
    UNKNOWN_OUTCOME = "unknown_outcome"
