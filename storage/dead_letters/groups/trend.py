"""Where a group of failures is going. A rule."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

HOURS = 48
"""How many hours a trend looks at."""
RECENT_HOURS = 6
NEW = timedelta(hours=24)
QUIET_HOURS = 24
LEAST_RISE = 5
"""Fewer deaths than this are no rise, however few there were before."""


class Direction(StrEnum):
    NEW = "new"
    """First seen within 24 hours."""
    RISING = "rising"
    """In the last 6 hours at least twice as many as in 6 hours before, and more than chance makes of the same rate."""
    STEADY = "steady"
    FALLING = "falling"
    """In the last 6 hours at most half as many as in 6 hours before, and fewer than chance makes of the same rate."""
    QUIET = "quiet"
    """None in 24 hours."""


def direction(deaths: Sequence[int], *, first_seen: datetime | None, now: datetime) -> Direction:
    """Judges a group by its deaths in each of the last hours, the oldest first, the present hour last.

    What chance makes: three times the square root of what was to be expected, as deaths that know nothing of each other scatter.
    """
    recent, before = deaths[-RECENT_HOURS:], deaths[:-RECENT_HOURS]
    if sum(deaths[-QUIET_HOURS:]) == 0:
        return Direction.QUIET
    if first_seen is not None and now - first_seen < NEW:
        return Direction.NEW
    found = sum(recent)
    expected = sum(before) * len(recent) / len(before) if before else 0.0
    chance = 3 * math.sqrt(max(expected, 1.0))
    if found >= max(2 * expected, LEAST_RISE) and found - expected > chance:
        return Direction.RISING
    if found <= expected / 2 and expected - found > chance:
        return Direction.FALLING
    return Direction.STEADY
