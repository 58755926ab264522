"""What waits before it is tried again, longer each time."""

from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

FIRST = timedelta(milliseconds=200)
LONGEST = timedelta(seconds=5)


class Pauses(Generic[Key]):
    """Key -> when it may be tried again, by a monotonic clock. For one thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[Key, tuple[float, float]] = {}

    def __contains__(self, key: Key) -> bool:
        """Whether it was refused when it was last tried, and was not accepted since."""
        return key in self._until

    def holds(self, key: Key) -> bool:
        """Whether it is too early to try again."""
        return key in self._until and self._clock() < self._until[key][0]

    def held(self) -> list[Key]:
        """All that it is too early for."""
        return [key for key in self._until if self.holds(key)]

    def lengthen(self, key: Key) -> None:
        """It was refused."""
        _, before = self._until.get(key, (0.0, 0.0))
        seconds = min(before * 2 or FIRST.total_seconds(), LONGEST.total_seconds())
        self._until[key] = (self._clock() + seconds, seconds)

    def end(self, key: Key) -> None:
        """It was accepted."""
        self._until.pop(key, None)
