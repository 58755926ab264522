"""When something that ended is due again."""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from workers.supervisor.backoff import Backoff

log = structlog.get_logger(__name__)


class Restarts:
    """Remembers early ends and applies the back-off.

    Attributes:
        due: when to start, in seconds of `clock`; None while it runs.
    """

    def __init__(self, name: str, backoff: Backoff, clock: Callable[[], float] = time.monotonic) -> None:
        """Due at once."""
        self.name = name
        self.due: float | None = clock()
        self._backoff = backoff
        self._clock = clock
        self._started = self.due
        self._early_ends = 0

    @property
    def is_due(self) -> bool:
        return self.due is not None and self._clock() >= self.due

    def note_start(self) -> None:
        self._started, self.due = self._clock(), None

    def note_end(self, **facts: object) -> None:
        """Logs the end with these facts and schedules the next start."""
        ran_for = timedelta(seconds=self._clock() - self._started)
        log.warning("process_ended", process=self.name, ran_for_seconds=round(ran_for.total_seconds(), 3), **facts)
        self._schedule(ran_for)

    def note_failed_start(self) -> None:
        """Counts as an end without any run."""
        self._schedule(timedelta(0))

    def _schedule(self, ran_for: timedelta) -> None:
        self._early_ends = self._backoff.early_ends(self._early_ends, ran_for=ran_for)
        delay = self._backoff.delay(self._early_ends).total_seconds()
        self.due = self._clock() + delay
        log.info("process_restarting", process=self.name, in_seconds=delay)
