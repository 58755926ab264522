"""One timer for many time limits: most are kept, and setting a timer for each would cost more than what it limits."""

import asyncio
from collections.abc import Callable, Iterable


class Watch:
    """Notices when the earliest of some ends has come.

    Args:
        loop: whose time it is.
        ends: of what is still waited for.
        late: called at the earliest of them.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, ends: Callable[[], Iterable[float]], late: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._ends = ends
        self._late = late
        self._timer: asyncio.TimerHandle | None = None
        self._at = float("inf")

    def until(self, end: float) -> None:
        """There is one more end."""
        if end < self._at:
            self.stop()
            self._at, self._timer = end, self._loop.call_at(end, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._at = None, float("inf")

    def _look(self) -> None:
        self._timer, self._at = None, float("inf")
        earliest = min(self._ends(), default=None)
        if earliest is not None and earliest <= self._loop.time():
            self._late()
            earliest = min(self._ends(), default=None)
        if earliest is not None:
            self.until(earliest)
