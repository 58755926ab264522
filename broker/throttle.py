"""Rule: how long a guard keeps a consumer from jobs."""

from typing import NamedTuple


class Kept(NamedTuple):
    """A span of that time, and the guard that it began with."""

    why: str
    seconds: float


class Throttle:
    """From being turned away until the next look that brings a job or finds the lane empty. Told at every look in between, so that a count
    of it grows while it lasts.
    """

    def __init__(self) -> None:
        self._why = ""
        self._since = 0.0

    def look(self, now: float, why: str = "") -> Kept | None:
        """Notes a look and the guard that turned it away, '' for none. Returns the span that it ends, if one was under way.

        Args:
            now: seconds, on any clock that only goes on.
            why: as `admit.lua` says it.
        """
        ended = Kept(self._why, now - self._since) if self._why else None
        self._why, self._since = why, now
        return ended
