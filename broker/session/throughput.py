"""How many jobs a queue finished lately."""

from broker.session.prefetch import WINDOW

_WINDOW_SECONDS = WINDOW.total_seconds()


class Throughput:
    """Counts in the running window and the one before it. Not thread-safe: the owner locks.

    Attributes:
        total: since the process began.
    """

    def __init__(self) -> None:
        self.total = 0
        self._window = -1
        self._now = 0
        self._before = 0

    def add(self, now_seconds: float, n: int = 1) -> None:
        window = int(now_seconds / _WINDOW_SECONDS)
        if window != self._window:
            self._turn(window)
        self._now += n
        self.total += n

    def lately(self, now_seconds: float) -> int:
        """The count of the running window or of the one before it, whichever is larger."""
        self.add(now_seconds, 0)
        return max(self._now, self._before)

    def _turn(self, window: int) -> None:
        self._before = self._now if window == self._window + 1 else 0
        self._now = 0
        self._window = window
