"""Values of a histogram that are written many at once."""

from bisect import bisect_left
from collections import defaultdict

from prometheus_client import Histogram


def observe_many(histogram: Histogram, values: list[float]) -> None:
    """As `observe` for each, in one write for each bucket that gets any."""
    counts = defaultdict[int, int](int)
    for value in values:
        counts[bisect_left(histogram._upper_bounds, value)] += 1  # noqa: SLF001 # there is no public way; a test compares both
    histogram._sum.inc(sum(values))  # noqa: SLF001 # as above
    for position, count in counts.items():
        histogram._buckets[position].inc(count)  # noqa: SLF001 # as above
