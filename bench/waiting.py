"""Waiting for a condition."""

import time
from collections.abc import Callable


class NeverHappened(Exception):
    """Raised when what a benchmark waits for did not happen in time.

    Attributes:
        what: the condition, in words.
    """

    def __init__(self, what: str, limit_seconds: float) -> None:
        super().__init__(f"waited {limit_seconds:g} s in vain for {what}")
        self.what = what


def wait_for(
    condition: Callable[[], bool], what: str, *, limit_seconds: float = 30.0, every_seconds: float = 0.01
) -> None:
    """Returns as soon as the condition holds.

    Raises:
        NeverHappened: it did not within `limit_seconds`.
    """
    if not happens(condition, limit_seconds=limit_seconds, every_seconds=every_seconds):
        raise NeverHappened(what, limit_seconds)


def happens(condition: Callable[[], bool], *, limit_seconds: float, every_seconds: float = 0.01) -> bool:
    """Whether the condition holds within `limit_seconds`; returns as soon as it does."""
    end = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(every_seconds)
    return True
