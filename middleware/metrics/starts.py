"""Counts jobs that begin, and how long they waited, many at once: a job pays to be noted, and not for what it is written to."""

from bisect import bisect_left
from collections import defaultdict, deque
from functools import cache

from prometheus_client import Histogram

from leeward.jobs.queue_name import provider_of
from middleware.metrics.instruments import WAITED_SECONDS, Instruments


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


def observe_many(histogram: Histogram, seconds: list[float]) -> None:
    """As `observe` for each, in one write for each bucket that gets any. The histogram has the buckets of `WAITED_SECONDS`."""
    counts = defaultdict[int, int](int)
    for value in seconds:
        counts[bisect_left(WAITED_SECONDS, value)] += 1
    histogram._sum.inc(sum(seconds))  # noqa: SLF001 # there is no public way; a test compares both
    for position, count in counts.items():
        histogram._buckets[position].inc(count)  # noqa: SLF001 # as above
