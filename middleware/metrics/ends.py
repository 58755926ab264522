"""Counts deliveries that end, and how long their actors ran, many at once, as `starts.py` does for those that begin."""

from collections import defaultdict, deque
from functools import cache

from leeward.jobs.queue_name import provider_of
from middleware.metrics.instruments import Instruments
from middleware.metrics.many import observe_many


class Ends:
    """What has ended since the last `count`. Thread-safe."""

    def __init__(self, instruments: Instruments) -> None:
        self._ended = cache(lambda *labels: instruments.deliveries.labels(provider_of(labels[0]), *labels))
        self._ran = cache(lambda *labels: instruments.job_seconds.labels(provider_of(labels[0]), *labels))
        self._noted: deque[tuple[str, str, str, float | None]] = deque()
        self.note = self._noted.append
        """Takes queue, actor, outcome and for how many seconds the actor ran; None if it did not begin."""

    def count(self) -> None:
        """Writes what has been noted. To be called often, in any thread."""
        if not self._noted:
            return
        ended, ran = defaultdict[tuple[str, str, str], int](int), defaultdict[tuple[str, str], list[float]](list)
        while self._noted:
            try:
                queue, actor, outcome, seconds = self._noted.popleft()
            except IndexError:  # another thread was first
                break
            ended[queue, actor, outcome] += 1
            if seconds is not None:
                ran[queue, actor].append(seconds)
        for labels, count in ended.items():
            self._ended(*labels).inc(count)
        for actors_of_queue, values in ran.items():
            observe_many(self._ran(*actors_of_queue), values)
