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
    into C, which no other thread can interrupt; only a thread that has to wait takes a lock, one of its own.

    `queue.SimpleQueue` would be as quick, but its `get` with a timeout can wait for ever on CPython 3.11 and 3.12
    (a thread that is woken too late for both the item and its deadline continues with a negative timeout, which means "no limit").

    No thread sleeps while there is an item: a waiting thread checks again after entering `_waiting`; each `put` wakes one; and one that was
    woken and leaves with an item found before that, passes the wake-up on.
    """

    def __init__(self) -> None:
        self._order = itertools.count()
        self._items: list[tuple[int, int, Any]] = []
        # The locks of the threads that wait, the latest last: it is woken first, and its memory is still in the processor's cache.
        self._waiting: dict[threading.Lock, None] = {}
        self._unfinished: deque[None] = deque()
        self._all_done = threading.Condition()

    def put(self, item: Prioritised) -> None:
        self._unfinished.append(None)
        heappush(self._items, (item.priority, next(self._order), item))
        if self._waiting:
            self._wake_one()

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
        deadline = None if timeout is None else time.monotonic() + timeout
        while (left := _seconds_to(deadline)) is None or left > 0:
            try:
                return self._wait(left)
            except IndexError:  # woken, but another thread was quicker
                continue
        raise queue.Empty

    def get_nowait(self) -> Any:
        """As `get`, without waiting."""
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

    def _wait(self, seconds: float | None) -> Any:
        """Raises IndexError when there is nothing, in time or at all."""
        lock = threading.Lock()
        lock.acquire()
        self._waiting[lock] = None
        try:
            found = heappop(self._items)[2]
        except IndexError:
            # Lock.acquire counts its deadline down itself, and never below zero.
            lock.acquire(timeout=-1 if seconds is None else min(seconds, threading.TIMEOUT_MAX))
            self._waiting.pop(lock, None)
            return heappop(self._items)[2]
        if self._waiting.pop(lock, lock) is lock and self._items:
            self._wake_one()
        return found

    def _wake_one(self) -> None:
        try:
            lock, _ = self._waiting.popitem()
        except KeyError:
            return
        lock.release()


def _seconds_to(deadline: float | None) -> float | None:
    return None if deadline is None else deadline - time.monotonic()
