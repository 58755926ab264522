"""What waits for a thread of this process."""

import itertools
import queue
import threading
from collections import deque
from heapq import heappop, heappush
from typing import Any, Protocol


class Prioritised(Protocol):
    """What Dramatiq puts in: the lower its priority, the sooner it is taken."""

    @property
    def priority(self) -> int: ...


class WorkQueue:
    """By priority, then in the order of coming. Takes the place of Dramatiq's `queue.PriorityQueue`, as far as a worker uses one.

    That one has three conditions around one lock, all in Python, and every job passes it several times.
    Here each step is a single call into C, which no other thread can interrupt; only who waits for the last task to be done takes a lock.
    """

    def __init__(self) -> None:
        self._order = itertools.count()
        self._items: list[tuple[int, int, Any]] = []
        self._ready: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._unfinished: deque[None] = deque()
        self._all_done = threading.Condition()

    def put(self, item: Prioritised) -> None:
        self._unfinished.append(None)
        heappush(self._items, (item.priority, next(self._order), item))
        self._ready.put(None)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next one. `timeout` is in seconds.

        Raises:
            queue.Empty: none has come in time.
        """
        self._ready.get(block, timeout)
        return heappop(self._items)[2]

    def get_nowait(self) -> Any:
        """As `get`, without waiting."""
        self._ready.get_nowait()
        return heappop(self._items)[2]

    @property
    def unfinished_tasks(self) -> int:
        """How many were put in and are not yet done."""
        return len(self._unfinished)

    def task_done(self) -> None:
        """Told once for everything that was taken.

        Raises:
            ValueError: more often than that.
        """
        try:
            self._unfinished.pop()
        except IndexError:
            raise ValueError("task_done() was called more often than put()") from None
        if not self._unfinished:
            with self._all_done:
                self._all_done.notify_all()

    def join(self) -> None:
        """Returns when everything is done."""
        with self._all_done:
            while self._unfinished:
                self._all_done.wait()
