"""Rule: when a process runs suspects, jobs of which one may have stopped a process, and nothing else."""

import threading
from collections.abc import Callable
from enum import StrEnum


class Asks(StrEnum):
    """What a process is when it asks for jobs, as `admit.lua` reads it."""

    AT_WORK = ""
    """It holds jobs and has run suspects a short while ago."""
    WILLING = "willing"
    """It holds jobs, and would run suspects when these have ended."""
    IDLE = "idle"
    """It holds nothing; suspects only if there is no other job."""
    FREE = "free"
    """It holds nothing; suspects first, if they have waited."""
    APART = "apart"
    """It holds nothing, and takes nothing else until what it gets has ended."""


class Step(StrEnum):
    """What comes next in a process that runs suspects, or is about to."""

    WAIT = "wait"
    ASK = "ask"
    REJOIN = "rejoin"


DRAIN_SECONDS = 30.0
"""How long a busy process that was chosen to run suspects waits for its own jobs to end."""
LONGEST_REST_SECONDS = 60.0


class Isolation:
    """One process's part in finding out which job stops processes. Thread-safe.

    A process is at work; or it drains, so that it can run a queue's suspects; or it runs them apart. While it does one of the last two, the
    consumers of its other queues get nothing. Afterwards it puts other jobs first for as long as that has taken.

    Args:
        is_empty: whether the process holds no lease and no thread runs a job.
        clock: seconds of a monotonic clock.
    """

    def __init__(self, is_empty: Callable[[], bool], clock: Callable[[], float]) -> None:
        self._is_empty = is_empty
        self._clock = clock
        self._lock = threading.Lock()
        self._asking = 0
        self._queue: str | None = None
        self._since = 0.0
        # While it drains: until when. While suspects run apart: until when they are to be alone.
        self._until = 0.0
        self._runs = False
        self._rests_until = 0.0

    @property
    def queue(self) -> str | None:
        """Whose suspects this process runs, or drains for; None while it is at work."""
        return self._queue

    def keeps_out(self, queue: str) -> bool:
        """Whether this queue's consumer must not ask now, because another one's suspects come first."""
        return self._queue is not None and self._queue != queue

    def ask(self, queue: str) -> Asks | None:
        """Announces a question to `admit.lua`; `answered` must follow. None when none may be asked now."""
        with self._lock:
            if self._queue is not None and (self._queue != queue or not self._is_clear()):
                return None
            self._asking += 1
            if self._queue is not None:
                return Asks.APART
            rested = self._clock() >= self._rests_until
            if self._asking == 1 and self._is_empty():
                return Asks.FREE if rested else Asks.IDLE
            return Asks.WILLING if rested else Asks.AT_WORK

    def answered(self, queue: str, asked: Asks, *, invited: bool, got: int = 0, alone_seconds: float = 0.0) -> bool:
        """Notes the answer, or with `invited` False and nothing else that there was none.

        Args:
            queue: whose jobs were asked for.
            asked: as what.
            invited: the process is to run this queue's suspects as soon as it holds nothing else.
            got: how many jobs came.
            alone_seconds: for how long those are to be alone, where APART was asked.

        Returns:
            Whether the process has begun to drain, and should give back what it has not started; or is at work again.
        """
        with self._lock:
            self._asking -= 1
            if asked is Asks.APART:
                if not got:
                    return self._end()
                self._runs, self._until = True, self._clock() + alone_seconds
                return False
            if invited and self._queue is None:
                self._queue, self._since, self._runs = queue, self._clock(), False
                self._until = self._since + DRAIN_SECONDS
                return True
            return False

    def step(self) -> Step | None:
        """What comes next. None when the process takes all jobs again."""
        with self._lock:
            if self._queue is None:
                return None
            if self._is_clear():
                if not self._runs:
                    return Step.ASK
                self._end()
                return None
            if self._clock() < self._until:
                return Step.WAIT
            if self._runs:
                return Step.REJOIN
            self._end()
            return None

    def end(self) -> None:
        """Other jobs may come again."""
        with self._lock:
            if self._queue is not None:
                self._end()

    def _is_clear(self) -> bool:
        return not self._asking and self._is_empty()

    def _end(self) -> bool:
        now = self._clock()
        self._rests_until = now + min(now - self._since, LONGEST_REST_SECONDS)
        self._queue, self._runs = None, False
        return True
