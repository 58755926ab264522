"""What became of a request to cancel a job."""

from enum import StrEnum


class Cancellation(StrEnum):
    """The answer of `Leeward.cancel`. True, as a condition, only for `CANCELLED`."""

    CANCELLED = "cancelled"
    """It has ended, and its idempotency key is free."""
    CANCELLING = "cancelling"
    """It runs, and its worker is informed: it ends at its next safe point. `JobStatus.cancelling` says whether the worker has confirmed.
    Workers of a release before this one do not know cancellations, and run it to its end.
    """
    TOO_LATE = "too_late"
    """It runs on: its effect has begun, and cannot be taken back."""
    RUNNING = "running"
    """It runs on, as `running=False` asked for."""
    ENDED = "ended"
    """It had ended before."""

    def __bool__(self) -> bool:
        return self is Cancellation.CANCELLED

    def __radd__(self, count: int) -> int:
        """`sum(fleet.cancel(job) for job in jobs)` counts those that have ended, as with the plain truth values of earlier releases."""
        return count + bool(self)
