"""How long one exchange may take, whatever arrives meanwhile. A rule over time; `sockets` applies it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta


class OutOfTime(Exception):
    """Raised when an exchange has had all its time."""


class TimeLimits:
    """The time of one exchange. Timeouts of single socket calls begin again with every byte; these do not.

    The answer's head has to come within one timeout of the request, in all: informational answers, headers that drip and
    so on count against it. So does each piece of the body from the one before it.

    Args:
        total: how long everything may take, from now on, until `lift`. None: there is no such limit.
        clock: monotonic seconds.
    """

    def __init__(self, total: timedelta | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._end = None if total is None else self._since + total.total_seconds()

    def progressed(self) -> None:
        """The request was sent, or a piece of the body came: the next wait begins."""
        self._since = self._clock()

    def lift(self) -> None:
        """Ends the limit on the whole: from now on only waits are limited."""
        self._end = None

    def of_step(self, timeout_seconds: float) -> float:
        """How long one step, as connecting, may take.

        Raises:
            OutOfTime: no time is left.
        """
        return self._left(self._clock(), timeout_seconds)

    def of_wait(self, timeout_seconds: float) -> float:
        """How long to wait for bytes: what is left of the timeout since the last progress.

        Raises:
            OutOfTime: no time is left.
        """
        now = self._clock()
        return self._left(now, self._since + timeout_seconds - now)

    def _left(self, now: float, seconds: float) -> float:
        left = seconds if self._end is None else min(seconds, self._end - now)
        if left <= 0:
            raise OutOfTime
        return left


_current: ContextVar[TimeLimits | None] = ContextVar("time_limits", default=None)


@contextmanager
def time_limits(total: timedelta | None) -> Iterator[TimeLimits]:
    """Applies to every socket call of this thread meanwhile."""
    mine = TimeLimits(total)
    token = _current.set(mine)
    try:
        yield mine
    finally:
        _current.reset(token)


def current_time_limits() -> TimeLimits:
    """The one that applies; one without limits of its own when none does."""
    return _current.get() or TimeLimits(None)
