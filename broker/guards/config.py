"""What guards a provider: the numbers, with their defaults and limits."""

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from math import ceil, inf
from typing import Any, Self

from leeward.errors import Invalid

Field = int | float

SHORTEST_SLOW = timedelta(milliseconds=500)
"""Workers do not report the duration of quicker calls (`broker.session.settle_payload.SLOW_CANDIDATE_SECONDS`)."""

MOST_LANE_SHARE = 0.3
"""Two lanes may wait below a third: more would leave it less than them."""

LEAST_TOLERANCE = 1.1
"""Latencies differ by a tenth for no reason."""


class Mode(StrEnum):
    """Who decides whether a circuit is open."""

    AUTO = "auto"
    FORCED_OPEN = "forced_open"
    """Maintenance: no job starts, until the given time or until an operator changes the mode."""
    FORCED_CLOSED = "forced_closed"
    """Failures are counted and open nothing."""
    OBSERVE = "observe"
    """Counts and reports what it would have done, and blocks nothing."""


class ImpossibleGuard(Invalid):
    """Raised for a guard setting that is none, or a value that it cannot have; says what to write instead."""

    code = "impossible_guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardConfig:
    """One provider's guards.

    Attributes:
        limit: jobs that may run at once in the whole fleet; 0 for no limit.
        partition_limit: jobs of one partition that may run at once in the whole fleet; below 1 it is that part of `limit`, rounded up,
            where there is one; 0 for no limit.
        lane_share: the part of the starts that each lower lane gets while it waits beside higher ones; 0 for strictly by lane.
        max_waiting: jobs that may wait, delayed ones included, before producers are refused; 0 for any number.
        partition_max_waiting: the same for the jobs of one partition that are ready in one queue.
        enabled: false switches the provider off: producers are refused, and what waits stays where it is.
        rate: jobs that may start per second in the whole fleet; 0 for no limit.
        burst: how many may start at once after a pause.
        adaptive: whether the fleet finds out itself how many may run at once, from `floor` to `limit`.
        floor: the least that an adaptive limit comes down to, and where it begins.
        tolerance: how many times the baseline latency calls may take before an adaptive limit comes down.
        share: the part of one process's threads that this provider may take while the process serves others, too.
        hold: whether a 429 or a refused login holds the whole provider, and not only its job. Wrong for a provider that is many hosts.
        observe: whether the circuit begins in the mode `observe`.
        window: over which calls are counted.
        min_calls: fewer calls in the window say nothing.
        failure_rate, slow_rate: the part of the calls that must fail, or be slow, to open the circuit.
        slow: from which on a call is slow.
        streak: failures in a row, over any time, that open the circuit of a provider with little traffic.
        probes: how many jobs at once a half-open circuit lets through, in the whole fleet.
        successes: how many of them must succeed to close it.
        open_for: how long it stays open the first time; doubled each time, up to `open_at_most`.
        open_at_most: the longest that it stays open before the next probes.
        ramp: how long after closing the limit takes to grow back.
        key_kept: how long an idempotency key answers after its job has ended. Published: callers may rely on it.

    Raises:
        ImpossibleGuard: with every impossible value and what to write instead.
    """

    limit: int = 0
    rate: float = 0.0
    burst: int = 1
    adaptive: bool = False
    floor: int = 1
    tolerance: float = 2.0
    share: float = 0.75
    hold: bool = True
    observe: bool = False
    window: timedelta = timedelta(seconds=10)
    min_calls: int = 10
    failure_rate: float = 0.5
    slow_rate: float = 0.8
    slow: timedelta = timedelta(seconds=10)
    streak: int = 5
    probes: int = 2
    successes: int = 3
    open_for: timedelta = timedelta(seconds=30)
    open_at_most: timedelta = timedelta(minutes=10)
    ramp: timedelta = timedelta(seconds=30)
    key_kept: timedelta = timedelta(hours=24)
    partition_limit: float = 0.5
    lane_share: float = 0.1
    max_waiting: int = 0
    partition_max_waiting: int = 0
    enabled: bool = True

    def __post_init__(self) -> None:
        problems = [*self._too_small(), *self._no_parts(), *self._no_room(), *self._unfair()]
        if self.open_at_most < self.open_for:
            problems.append(
                "open_at_most must not be shorter than open_for: write both, as open_for=20m open_at_most=1h"
            )
        if self.window > timedelta(minutes=2):
            problems.append("window must be two minutes at most: it is kept second by second")
        if problems:
            raise ImpossibleGuard("; ".join(problems))

    def _too_small(self) -> list[str]:
        least = {"limit": 0, "rate": 0, "burst": 1, "min_calls": 1, "streak": 2, "probes": 1, "successes": 1}
        waiting = {"partition_limit": 0, "max_waiting": 0, "partition_max_waiting": 0}
        adaptive = {"floor": 1, "tolerance": LEAST_TOLERANCE}
        shortest = {
            "window": timedelta(seconds=1),
            "slow": SHORTEST_SLOW,
            "open_for": timedelta(milliseconds=100),
            "ramp": timedelta(0),
            "key_kept": timedelta(minutes=1),
        }
        limits = least | waiting | adaptive | shortest
        # Not `<`, which is false for NaN.
        problems = [f"{name} must be at least {low}" for name, low in limits.items() if not getattr(self, name) >= low]
        return [
            *problems,
            *(
                f"{name} must be finite"
                for name in ("rate", "tolerance", "partition_limit")
                if getattr(self, name) == inf
            ),
        ]

    def _no_room(self) -> list[str]:
        if self.adaptive and not self.limit:
            return [
                "adaptive needs a limit as its ceiling: write the most that may ever run at once, for example limit = 50"
            ]
        if 0 < self.limit < self.floor:
            return [f"floor must be at most limit, which is {self.limit}"]
        return []

    def _unfair(self) -> list[str]:
        problems = []
        if 1 < self.partition_limit < inf and self.partition_limit % 1:
            problems.append("partition_limit must be a whole number, or a part of limit below 1")
        if not 0 <= self.lane_share <= MOST_LANE_SHARE:
            problems.append(f"lane_share must be at least 0 and at most {MOST_LANE_SHARE}")
        return problems

    def _no_parts(self) -> list[str]:
        parts = ("share", "failure_rate", "slow_rate")
        return [f"{name} must be above 0 and at most 1" for name in parts if not 0 < getattr(self, name) <= 1]

    def changed(self, **values: Any) -> Self:
        """A copy with other values.

        Raises:
            ImpossibleGuard: an impossible value, or a name that is none, with the nearest one that is.
        """
        names = [field.name for field in fields(self)]
        for name in values.keys() - set(names):
            close = get_close_matches(name, names, n=1)
            raise ImpossibleGuard(
                f"{name} is no guard setting; "
                + (f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}")
            )
        return replace(self, **values)

    @property
    def most_of_a_partition(self) -> int:
        """Jobs of one partition that may run at once; 0 for no limit."""
        if 0 < self.partition_limit < 1:
            return ceil(self.partition_limit * self.limit - 1e-9)
        return int(self.partition_limit)

    def to_fields(self, *only: str) -> dict[str, Field]:
        """All attributes, or those named, as the scripts read them: numbers, durations in ms with `_ms` behind their names."""
        names = only or [field.name for field in fields(self)]
        return dict(_field(name, getattr(self, name)) for name in names)

    @classmethod
    def from_fields(cls, stored: dict[str, str]) -> Self:
        """Reads what `to_fields` wrote; absent fields have their defaults, unknown ones are left out.

        Where what an operator has set and what workers declare later do not go together, it is read as the scripts do: an adaptive limit
        without room, a circuit that would stay open for longer than it may.
        """
        values = {field.name: _value(stored, field.name, field.default) for field in fields(cls)}
        values["adaptive"] = values["adaptive"] and values["limit"] > 0
        values["floor"] = min(values["floor"], values["limit"] or values["floor"])
        values["open_for"] = min(values["open_for"], values["open_at_most"])
        if values["partition_limit"] >= 1:
            values["partition_limit"] = int(values["partition_limit"])
        return cls(**values)


_NAMES = {"open_for": "open_ms", "open_at_most": "open_max_ms"}
"""Script names that are not simply the attribute's with `_ms`."""


def _script_name(name: str, value: Any) -> str:
    return _NAMES.get(name, f"{name}_ms") if isinstance(value, timedelta) else name


def _field(name: str, value: Any) -> tuple[str, Field]:
    if isinstance(value, timedelta):
        return _script_name(name, value), round(value / timedelta(milliseconds=1))
    return name, int(value) if isinstance(value, bool) else value


def _value(stored: dict[str, str], name: str, default: Any) -> Any:
    text = stored.get(_script_name(name, default))
    if text is None:
        return default
    match default:
        case timedelta():
            return timedelta(milliseconds=float(text))
        case bool():
            return text == "1"
        case int():
            return int(float(text))
    return float(text)
