"""Rule: when to try again."""

from collections.abc import Callable
from datetime import timedelta

from leeward.extension.patience import Patience
from middleware.retries.presets import Preset

LARGEST_EXPONENT = 32
MOST_DOUBLINGS = 16
"""Of a patient pause: from a minute to a month."""
SPREAD = 0.1
"""By how much of itself a patient pause may be shorter or longer, so that jobs that began to wait together do not come back together."""


def pause(preset: Preset, failures: int, uniform: Callable[[float, float], float]) -> timedelta:
    """Exponential back-off with full jitter: anything between the shortest pause and `shortest * 2 ** failures`, capped at the longest.

    The jitter keeps jobs that failed together from coming back together (Brooker, "Exponential Backoff and Jitter", 2015).

    Args:
        preset: the bounds.
        failures: failed attempts before this one.
        uniform: a source of chance, as `random.uniform`.
    """
    ceiling = min(preset.longest, preset.shortest * 2 ** min(failures + 1, LARGEST_EXPONENT))
    return timedelta(seconds=uniform(preset.shortest.total_seconds(), ceiling.total_seconds()))


def patient_pause(
    patience: Patience, refusals: int, left: timedelta | None, uniform: Callable[[float, float], float]
) -> timedelta:
    """A pause that is doubled each time. One that would end after the deadline is cut so that a last attempt is made before it.

    Args:
        patience: the bounds.
        refusals: refused attempts before this one.
        left: the time until the deadline; None for a job without one.
        uniform: a source of chance, as `random.uniform`.
    """
    doubled: int = 2 ** min(refusals, MOST_DOUBLINGS)
    grown = min(patience.longest, patience.first * doubled)
    spread = grown * uniform(1 - SPREAD, 1 + SPREAD)
    if left is None or spread <= left or left < 2 * patience.first:
        return spread
    return left - patience.first
