"""A call of a provider while it runs."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta

_SHORTEST = timedelta(milliseconds=1)
"""What a socket still gets when no time is left: it fails by itself, in its own words. Zero would mean that it does not wait at all."""


OK = "ok"


class Call:
    """What a client may ask about the call that it makes.

    Attributes:
        operation: its name.
        ends_at: monotonic seconds; None: it may take as long as it wants.
        outcome: what is measured when no error ends it. A client may set it to another word that is fixed in its code, as `exists`.
    """

    __slots__ = ("_clock", "ends_at", "operation", "outcome")

    def __init__(self, operation: str, ends_at: float | None, clock: Callable[[], float]) -> None:
        self.operation = operation
        self.ends_at = ends_at
        self.outcome = OK
        self._clock = clock

    def left(self) -> timedelta | None:
        """How much of the total time is left, at least a millisecond; None: there is no limit."""
        if self.ends_at is None:
            return None
        return max(_SHORTEST, timedelta(seconds=self.ends_at - self._clock()))

    def at_most(self, limit: timedelta) -> timedelta:
        """A time limit of one step, as connecting, cut down to what is left of the call."""
        left = self.left()
        return limit if left is None else min(limit, left)

    def is_over(self) -> bool:
        """Whether all of its time is used up."""
        return self.ends_at is not None and self._clock() >= self.ends_at


running_call: ContextVar[Call | None] = ContextVar("running_call", default=None)


def current_call() -> Call | None:
    """The innermost call that this thread makes; None outside one."""
    return running_call.get()
