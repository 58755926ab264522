"""What makes a replay continue, and what stops it. Only numbers in, a verdict out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import Any, Self

from leeward.errors import Invalid

STOP_RATIO = 0.5
STOP_WINDOW = 100
STOP_MINIMUM = 20


class ImpossibleRules(Invalid):
    """Raised for rules that cannot be; says what to write instead."""

    code = "impossible_rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How careful a replay is.

    Attributes:
        canary: how many are enqueued first and must all have ended before any other is; 0 for no canary.
        canary_failures: how many of them may die again.
        per_second: how many may be enqueued per second in all; None for as many as go.
        per_second_each: the same for each provider.
        stop_ratio: stops when a larger part than this of those that ended last died again; 1 never stops.
        stop_window: how many of those that ended last are looked at.
        stop_minimum: fewer than so many say nothing.
        include_unknown: unknown_outcome dead letters were taken without being named.
        unsafe_ok: why a filter also replays actors that are not idempotent; None when it does not.
        counted_since: what was enqueued before counts no more for canary and ratio; set when a person resumes a stopped replay.

    Raises:
        ImpossibleRules: naming each value and what to write instead.
    """

    canary: int = 0
    canary_failures: int = 0
    per_second: float | None = None
    per_second_each: float | None = None
    stop_ratio: float = STOP_RATIO
    stop_window: int = STOP_WINDOW
    stop_minimum: int = STOP_MINIMUM
    include_unknown: bool = False
    unsafe_ok: str | None = None
    counted_since: datetime | None = None

    def __post_init__(self) -> None:
        rates = {"the rate": self.per_second, "the rate per provider": self.per_second_each}
        problems = [
            f"{name} is {rate}; write a number above 0, or none for as many as go"
            for name, rate in rates.items()
            if rate is not None and not 0 < rate < inf
        ]
        if not 0 < self.stop_ratio <= 1:
            problems.append(
                f"the ratio that stops is {self.stop_ratio}; write one above 0 and at most 1, which never stops"
            )
        if not 0 <= self.canary_failures <= self.canary:
            problems.append(f"{self.canary_failures} of a canary of {self.canary} may fail; write 0 to {self.canary}")
        if not 1 <= self.stop_minimum <= self.stop_window:
            problems.append(f"the minimum is {self.stop_minimum} of {self.stop_window}; write 1 to {self.stop_window}")
        if self.unsafe_ok is not None and not self.unsafe_ok.strip():
            problems.append("why it is safe to repeat what is not idempotent is empty; write the reason")
        if problems:
            raise ImpossibleRules("; ".join(problems))

    def document(self) -> dict[str, Any]:
        """In JSON's types."""
        since = self.counted_since
        return asdict(self) | {"counted_since": None if since is None else since.isoformat()}

    @classmethod
    def from_document(cls, stored: Mapping[str, Any]) -> Self:
        """Reads what `document` wrote; names that this release does not know are left out."""
        known = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        since = known.get("counted_since")
        return cls(**known | {"counted_since": None if since is None else datetime.fromisoformat(since)})


@dataclass(frozen=True, slots=True)
class Trial:
    """The canary so far: how many of it were enqueued, and what became of them."""

    enqueued: int
    done: int
    dead_again: int


class Canary(StrEnum):
    """What the canary says."""

    PASSED = "passed"
    """Everything may follow."""
    OPEN = "open"
    """Some of it is not enqueued yet, or has not ended."""
    FAILED = "failed"


def canary(rules: Rules, trial: Trial) -> Canary:
    """Fails with the first death too many; passes when all of it has ended."""
    if trial.dead_again > rules.canary_failures:
        return Canary.FAILED if rules.canary else Canary.PASSED
    ended = trial.done + trial.dead_again
    return Canary.PASSED if ended >= rules.canary else Canary.OPEN


def canary_room(rules: Rules, trial: Trial) -> int:
    """How many of the canary are still to be enqueued."""
    return max(0, rules.canary - trial.enqueued)


def is_failing(rules: Rules, died: Sequence[bool]) -> bool:
    """Whether too many died again: `died` says it of each that ended, the latest first."""
    last = died[: rules.stop_window]
    return len(last) >= rules.stop_minimum and sum(last) > rules.stop_ratio * len(last)
