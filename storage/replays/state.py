"""Where a replay stands, and what became of each of its dead letters."""

from enum import StrEnum


class ReplayState(StrEnum):
    PLANNED = "planned"
    """Its set is fixed; nothing has been enqueued."""
    RUNNING = "running"
    """A process enqueues, or waits for the canary, for a provider, for the next time that the rate allows."""
    PAUSED = "paused"
    """A person stopped it for a while."""
    STOPPED = "stopped"
    """Its own rules stopped it: the canary failed, or too many of its jobs died again. A person may resume it."""
    CANCELLED = "cancelled"
    FINISHED = "finished"
    """Every item has been enqueued or refused, and every job that it enqueued has ended."""


ACTIVE: tuple[ReplayState, ...] = (ReplayState.PLANNED, ReplayState.RUNNING, ReplayState.PAUSED)
"""Those that may still enqueue something by themselves or when resumed; a stopped one only when a person says so."""


class ItemOutcome(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"
    """Its new job has an id, and may or may not be enqueued."""
    QUEUED = "queued"
    """Its new job is with the fleet."""
    DONE = "done"
    """Its new job is done."""
    DEAD_AGAIN = "dead_again"
    """Its new job died: `successor` is the dead letter of that."""
    DUPLICATE = "duplicate"
    """Another job has its idempotency key and the same payload: nothing was added."""
    REFUSED = "refused"
    """It would only die again, its key belongs to other work, or someone else has taken it. Nothing was enqueued."""
