"""Threads that want the same thing done share one doing, if it has not begun when they ask."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

from leeward.extension.errors import Busy


@dataclass(slots=True)
class _Line:
    """`turn` is held by the one that is at it; `following` is what those share who came since."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    following: "Future[None] | None" = None
    users: int = 0


class Coalescing:
    """Thread-safe. One that is at it already may have passed what a newcomer wants: it gets the next one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[Hashable, _Line] = {}

    def run(self, what: Hashable, work: Callable[[], None], *, at_most: timedelta) -> bool:
        """Does it, or waits for another thread that is about to. Returns whether this thread did.

        Raises:
            Busy: it has not ended in time, or the thread that did it was stopped.
            Exception: what `work` raises, also in those that waited for it.
        """
        with self._lock:
            line = self._lines.setdefault(what, _Line())
            line.users += 1
            shared = line.following
            mine: Future[None] = Future()
            if shared is None:
                line.following = mine
        try:
            if shared is not None:
                _wait(shared, at_most)
                return False
            self._lead(line, mine, work, at_most)
            return True
        finally:
            self._leave(what, line)

    def _lead(self, line: _Line, mine: "Future[None]", work: Callable[[], None], at_most: timedelta) -> None:
        has_turn = False
        try:
            has_turn = line.turn.acquire(timeout=at_most.total_seconds())
            with self._lock:
                line.following = None  # from here on newcomers get the next one
            _work_in_turn(work, has_turn=has_turn)
        except Exception as error:
            mine.set_exception(error)
            raise
        except BaseException:
            mine.set_exception(Busy("the job that did it for this one, too, was stopped"))
            raise
        else:
            mine.set_result(None)
        finally:
            if has_turn:
                line.turn.release()

    def _leave(self, what: Hashable, line: _Line) -> None:
        with self._lock:
            line.users -= 1
            if not line.users:
                del self._lines[what]


def _work_in_turn(work: Callable[[], None], *, has_turn: bool) -> None:
    if not has_turn:
        raise Busy("another job of this process is at the same thing")
    work()


def _wait(shared: "Future[None]", at_most: timedelta) -> None:
    try:
        shared.result(timeout=at_most.total_seconds())
    except TimeoutError:
        raise Busy("another job of this process is at the same thing") from None
