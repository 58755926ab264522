"""Until when this thread may wait for Valkey, whatever it is that it waits for: a connection, a handshake, an answer."""

import threading
import time

LEAST_SECONDS = 0.001
"""A timeout of 0 would mean not to wait at all, and fail even where the answer is there."""


class _Limit(threading.local):
    end: float | None = None
    """On the monotonic clock; None for no limit but those of the connection."""


limit = _Limit()


def within_limit(seconds: float | None) -> float | None:
    """A timeout, or what is left of this thread's limit where that is less."""
    end = limit.end
    if end is None:
        return seconds
    left = max(LEAST_SECONDS, end - time.monotonic())
    return left if seconds is None else min(seconds, left)
