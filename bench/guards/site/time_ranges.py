"""Rules for judging what a site has seen: how many at once, how many in any window, how soon a permit was used again."""

import math
from collections import deque
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from typing import NamedTuple


class TimeRange(NamedTuple):
    """From when to when, in nanoseconds."""

    began_ns: int
    ended_ns: int


def most_at_once(spans: Collection[TimeRange]) -> int:
    """How many overlapped at most. One that ends in the nanosecond in which another begins does not overlap it."""
    return max((running for _, running in running_at_starts(spans)), default=0)


def running_at_starts(spans: Collection[TimeRange]) -> list[tuple[int, int]]:
    """Each beginning, and how many were running from then on."""
    changes = sorted([(span.began_ns, 1) for span in spans] + [(span.ended_ns, -1) for span in spans])
    running, found = 0, []
    for at_ns, change in changes:
        running += change
        if change > 0:
            found.append((at_ns, running))
    return found


def most_above(spans: Collection[TimeRange], allowed: Callable[[int], int]) -> int:
    """By how many the running ones exceeded what was allowed at that instant; 0 or less: never."""
    return max((running - allowed(at_ns) for at_ns, running in running_at_starts(spans)), default=0)


def over_allowance(starts_ns: Sequence[int], *, rate: float, burst: int) -> float:
    """By how many jobs the fullest of all windows, of whatever length, exceeds `burst` and `rate` per second; 0 or less: none does.

    Args:
        starts_ns: in order.
    """
    lowest, worst = math.inf, -math.inf
    for position, at_ns in enumerate(starts_ns):
        earned = rate * (at_ns - starts_ns[0]) / 1e9
        lowest = min(lowest, position - earned)
        worst = max(worst, position + 1 - earned - lowest - burst)
    return worst


def reuse_gaps_ms(starts_ns: Sequence[int], ends_ns: Sequence[int], gone_ns: Sequence[int] = ()) -> list[float]:
    """How long each permit that came free lay idle until a job began with it, oldest first. Those never used again are left out.

    Args:
        gone_ns: when a permit was taken by something else.
    """
    changes = sorted([(at, 1) for at in starts_ns] + [(at, -1) for at in ends_ns] + [(at, 0) for at in gone_ns])
    free: deque[int] = deque()
    gaps = []
    for at_ns, change in changes:
        if change < 0:
            free.append(at_ns)
        elif free:
            freed_ns = free.popleft()
            if change:
                gaps.append((at_ns - freed_ns) / 1e6)
    return gaps


def longest_pause_ms(starts_ns: Sequence[int]) -> float:
    """The longest time between two beginnings."""
    return max(((later - earlier) / 1e6 for earlier, later in pairwise(starts_ns)), default=0.0)
