"""Rule: when to try again."""

from collections.abc import Callable
from datetime import timedelta

from middleware.retries.presets import Preset

LARGEST_EXPONENT = 32


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
