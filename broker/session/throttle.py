"""Rule: how long a guard keeps a consumer from jobs."""

from typing import NamedTuple


class Kept(NamedTuple):
    """A span of that time, and the guard that it began with."""

    why: str
    seconds: float


class Throttle:
    """From a refused poll until the next one that brings a job or finds the lane empty. Reported at every poll in between, so that a count
    of it grows while it lasts.
    """

    def __init__(self) -> None:
        self._why = ""
        self._since = 0.0

    def look(self, now: float, why: str = "") -> Kept | None:
        """Records a poll and the guard that refused it, '' for none. Returns the period that it ends, if one had begun.

        Args:
            now: seconds of a monotonic clock.
            why: as `admit.lua` says it.
        """
        ended = Kept(self._why, now - self._since) if self._why else None
        self._why, self._since = why, now
        return ended
