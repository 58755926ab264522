"""How patiently a target is asked again that refuses for now."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """The pauses between attempts that only the job's deadline bounds, as a mailbox that is full for a day needs them (RFC 5321 §4.5.4.1).

    Attributes:
        first: the first pause; each later one is twice as long.
        longest: the longest pause.

    Raises:
        ValueError: pauses that make no schedule.
    """

    first: timedelta
    longest: timedelta

    def __post_init__(self) -> None:
        if not timedelta(0) < self.first <= self.longest:
            raise ValueError(f"{self} is no schedule: the first pause is above zero and not longer than the longest")
