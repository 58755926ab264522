"""How many calls a provider works on at once: more wait for a place, in the order of their coming; more than that are sent away."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Crowd:
    """Places of a provider. Thread-safe. `capacity` may be changed at any time."""

    def __init__(self, capacity: int, *, queue: int) -> None:
        self._capacity = capacity
        self._queue = queue
        self._inside = 0
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @property
    def capacity(self) -> int:
        return self._capacity

    @capacity.setter
    def capacity(self, places: int) -> None:
        with self._lock:
            self._capacity = places
            self._let_in()

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Waits for a place and keeps it. False at once when the queue is full."""
        turn = self._join()
        if turn is None:
            yield False
            return
        turn.wait()
        try:
            yield True
        finally:
            with self._lock:
                self._inside -= 1
                self._let_in()

    def _join(self) -> threading.Event | None:
        with self._lock:
            if self._inside >= self._capacity and len(self._waiting) >= self._queue:
                return None
            turn = threading.Event()
            self._waiting.append(turn)
            self._let_in()
            return turn

    def _let_in(self) -> None:
        while self._waiting and self._inside < self._capacity:
            self._inside += 1
            self._waiting.popleft().set()
