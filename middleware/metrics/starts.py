"""Counts jobs that begin, and how long they waited, many at once: a job pays to be noted, and not for what it is written to."""

from collections import defaultdict, deque
from functools import cache

from leeward.jobs.queue_name import provider_of
from middleware.metrics.instruments import Instruments
from middleware.metrics.many import observe_many


class Starts:
    """What has begun since the last `count`. Thread-safe."""

    def __init__(self, instruments: Instruments) -> None:
        # Looking a child up by its labels costs more than counting.
        self._started = cache(lambda queue: instruments.started.labels(provider_of(queue), queue))
        self._waited = cache(lambda queue: instruments.waited_seconds.labels(provider_of(queue), queue))
        self._noted: deque[tuple[str, int | None]] = deque()
        self.note = self._noted.append
        """Takes a queue and how long its job waited, ms; None for a later attempt, whose wait is not counted."""

    def count(self) -> None:
        """Writes what has been noted. To be called often, in any thread."""
        if not self._noted:
            return
        started, waited = defaultdict[str, int](int), defaultdict[str, list[float]](list)
        while self._noted:
            try:
                queue, waited_ms = self._noted.popleft()
            except IndexError:  # another thread was first
                break
            started[queue] += 1
            if waited_ms is not None:
                waited[queue].append(waited_ms / 1000)
        for queue, count in started.items():
            self._started(queue).inc(count)
        for queue, seconds in waited.items():
            observe_many(self._waited(queue), seconds)
