"""Rules over passing time. Instants are seconds of any monotonic clock."""

from datetime import timedelta


class SpeedFloor:
    """Notices when less than a minimum arrives over a whole window."""

    def __init__(self, minimum_bytes_per_second: int, window: timedelta, now: float) -> None:
        self._minimum = minimum_bytes_per_second
        self._window_seconds = window.total_seconds()
        self._since = now
        self._received = 0

    def is_broken(self, now: float, received: int) -> bool:
        """Counts bytes that came just now, and judges each window at its end."""
        self._received += received
        elapsed = now - self._since
        if elapsed < self._window_seconds:
            return False
        is_slow = self._received < self._minimum * elapsed
        self._since, self._received = now, 0
        return is_slow


class Interval:
    """Says when it is time again."""

    def __init__(self, every: timedelta, now: float) -> None:
        self._every_seconds = every.total_seconds()
        self._last = now

    def is_due(self, now: float) -> bool:
        """Whether the interval has passed since it last was due."""
        if now - self._last < self._every_seconds:
            return False
        self._last = now
        return True
