"""How long to wait before a process that ended is started again. A rule: no clock, no process."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubles from `first` to `limit` while a process keeps ending early; a run of `stable_after` resets it.

    Raises:
        ValueError: a duration is not positive, or the limit is below the first delay.
    """

    first: timedelta = timedelta(seconds=0.5)
    limit: timedelta = timedelta(seconds=30)
    stable_after: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        if min(self.first, self.stable_after) <= timedelta(0):
            raise ValueError("The first delay and the stable period must be longer than nothing.")
        if self.limit < self.first:
            raise ValueError(f"The longest delay ({self.limit}) is shorter than the first one ({self.first}).")

    def early_ends(self, before: int, *, ran_for: timedelta) -> int:
        """The number of early ends in a row, after one more end of a process that had `before` of them."""
        return 1 if ran_for >= self.stable_after else before + 1

    def delay(self, early_ends: int) -> timedelta:
        """How long to wait after that many early ends in a row (at least one)."""
        doublings = min(early_ends - 1, 30)  # far beyond any sensible limit, and no overflow
        return min(self.first * (1 << doublings), self.limit)
