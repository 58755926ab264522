"""What waits for a thread of this process."""

import itertools
import queue
import threading
import time
from collections import deque
from heapq import heappop, heappush
from typing import Any, Protocol


class Prioritised(Protocol):
    """What Dramatiq puts in: the lower its priority, the sooner it is taken."""

    @property
    def priority(self) -> int: ...


class WorkQueue:
    """By priority, then in the order of coming. Takes the place of Dramatiq's `queue.PriorityQueue`, as far as a worker uses one.

    That one has three conditions around one lock, all in Python, and every job passes it several times. Here each step is a single call
    into C, which no other thread can interrupt; only a thread that finds nothing takes a lock.

    `queue.SimpleQueue` would be as quick, but its `get` with a timeout can wait for ever on CPython 3.11 and 3.12
    (a thread that is woken too late for both the item and its deadline continues with a negative timeout, which means "no limit").

    The lock is a signal, not a guard. When it is released, there may be an item; the thread that takes it looks. However many items are
    put, one thread wakes up, and that thread wakes the next while items are left. If each item woke a thread, short jobs would lose a fifth
    of their throughput, because the threads take the interpreter from each other.
    """

    def __init__(self) -> None:
        self._order = itertools.count()
        self._items: list[tuple[int, int, Any]] = []
        self._may_have_items = threading.Lock()
        self._may_have_items.acquire()
        self._unfinished: deque[None] = deque()
        self._all_done = threading.Condition()

    def put(self, item: Prioritised) -> None:
        self._unfinished.append(None)
        heappush(self._items, (item.priority, next(self._order), item))
        if self._may_have_items.locked():
            self._signal()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next one. `timeout` is in seconds; None waits for as long as it takes.

        Raises:
            queue.Empty: none has come in time.
        """
        try:
            return heappop(self._items)[2]
        except IndexError:
            if not block:
                raise queue.Empty from None
        return self._wait(timeout)

    def get_nowait(self) -> Any:
        """As `get`, without waiting."""
        if not self._items:
            raise queue.Empty
        return self.get(block=False)

    @property
    def unfinished_tasks(self) -> int:
        """How many were put in and are not yet done."""
        return len(self._unfinished)

    def task_done(self) -> None:
        """Called once for everything that was taken.

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

    def _wait(self, timeout: float | None) -> Any:
        """Raises queue.Empty when there is nothing in time."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._may_have_items.acquire(timeout=_seconds_to(deadline)):
            try:
                found = heappop(self._items)[2]
            except IndexError:  # a thread that was awake has taken it
                continue
            if self._items and self._may_have_items.locked():
                self._signal()
            return found
        raise queue.Empty

    def _signal(self) -> None:
        try:  # noqa: SIM105 # each job comes by here, and `suppress` is three calls
            self._may_have_items.release()
        except RuntimeError:  # another thread was quicker
            pass


def _seconds_to(deadline: float | None) -> float:
    """As `Lock.acquire` takes it, which counts it down itself and never below zero."""
    if deadline is None:
        return -1
    return min(max(deadline - time.monotonic(), 0), threading.TIMEOUT_MAX)
