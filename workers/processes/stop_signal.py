"""Waiting for a signal handler."""

import threading


class StopSignal:
    """What a handler sets and the main thread waits for.

    Not a `threading.Event`: a handler runs in the main thread, between any two of its steps. Where that is inside `Event.wait`, which holds
    the event's own lock for a moment, `Event.set` waits for that lock for ever. Here each step is a single call into C.
    """

    def __init__(self) -> None:
        self._given = False
        self._lock = threading.Lock()
        self._lock.acquire()

    @property
    def is_given(self) -> bool:
        return self._given

    def give(self) -> None:
        """From the handler; more than once does no harm."""
        if not self._given:
            self._given = True
            self._lock.release()

    def wait(self, seconds: float = -1) -> bool:
        """Returns when it is given, or after `seconds`, if those are not negative; and whether it is."""
        if not self._given and self._lock.acquire(timeout=seconds):
            self._lock.release()
        return self._given
