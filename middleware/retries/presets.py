"""How often and how patiently an actor tries."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Preset:
    """Attempts in all, and the bounds of the pauses between them.

    Raises:
        ValueError: numbers that make no schedule.
    """

    attempts: int
    shortest: timedelta
    longest: timedelta

    def __post_init__(self) -> None:
        if self.attempts < 1 or not timedelta(0) <= self.shortest <= self.longest:
            raise ValueError(
                f"{self} is no schedule: at least one attempt, and the shortest pause not longer than the longest"
            )


PRESETS = {
    "quick": Preset(3, timedelta(seconds=0.5), timedelta(seconds=5)),
    "standard": Preset(5, timedelta(seconds=1), timedelta(seconds=30)),
    "aggressive": Preset(10, timedelta(seconds=2), timedelta(seconds=60)),
    "rate_limited": Preset(5, timedelta(seconds=5), timedelta(seconds=120)),
}
"""The values of the actor option `retries`."""
