"""How a simulator misbehaves: a plan that is set at run time and asked before every answer."""

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Effect(StrEnum):
    """What goes wrong."""

    NONE = "none"
    """Nothing but the rule's latency."""
    STATUS = "status"
    """The rule's status, body and `Retry-After` instead of the real answer."""
    HANG = "hang"
    """No answer until the caller gives up or the plan changes."""
    RESET = "reset"
    """The connection ends with an RST."""
    DRIP = "drip"
    """An answer that never ends, a byte every few milliseconds. At the mail simulator only."""
    DOWN = "down"
    """Every connection, new or kept alive, ends with an RST. Ignores `operation`, `probability` and `times`."""


class Stage(StrEnum):
    """When it goes wrong."""

    BEFORE = "before"
    """Nothing was done: repeating the call is safe."""
    AFTER = "after"
    """The call was carried out, and its answer is lost or replaced."""
    DURING = "during"
    """The call was carried out, and its answer breaks off after `after_bytes` of the body, or after half of it."""


class Rule(BaseModel):
    """One kind of misbehaviour. Without `times`, `probability` or `period_ms` it holds until the plan changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operation: str = "*"
    """A glob over the operation's name, as `POST /Users/*` or `RCPT *@example.org`; each simulator lists its names."""
    effect: Effect = Effect.NONE
    stage: Stage = Stage.BEFORE
    latency_ms: int = Field(default=0, ge=0)
    times: int | None = Field(default=None, ge=1)
    """Only the next so many calls that match."""
    probability: float = Field(default=1.0, ge=0.0, le=1.0)
    period_ms: int | None = Field(default=None, ge=1)
    """Flapping: in each period, counted from when the rule was set, the rule holds for the first `share` of it."""
    share: float = Field(default=0.5, gt=0.0, lt=1.0)
    status: int | None = Field(default=None, ge=200, le=599)
    body: str | None = None
    content_type: str | None = None
    retry_after: str | None = None
    """Sent as it is written, so that `005` and dates can be tried."""
    after_bytes: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _names_its_status(self) -> Self:
        if (self.effect is Effect.STATUS) != (self.status is not None):
            raise ValueError("give a `status` with the effect `status`, and only with it")
        return self


@dataclass(frozen=True, slots=True)
class Fault:
    """What one call gets: wait `latency_seconds`, then do what `rule` says; None: answer as usual."""

    latency_seconds: float = 0.0
    rule: Rule | None = None

    def at(self, stage: Stage) -> Rule | None:
        """The rule, if it strikes at this stage."""
        return self.rule if self.rule is not None and self.rule.stage is stage else None


@dataclass(slots=True)
class _Armed:
    rule: Rule
    since: float
    left: int | None
    hits: int = 0

    def is_in_phase(self, now: float) -> bool:
        if self.rule.period_ms is None:
            return True
        period = self.rule.period_ms / 1000
        return (now - self.since) % period < period * self.rule.share


class FaultPlan:
    """The rules of one simulator, in order. Safe to use from any number of threads.

    Latencies of all rules that match a call add up; the first rule with an effect ends the search.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, chance: Callable[[], float] = random.random
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._changed = threading.Condition()
        self._armed: list[_Armed] = []
        self._generation = 0

    def set(self, *rules: Rule) -> None:
        """Replaces the plan and ends every hang."""
        self._replace(rules)

    def add(self, *rules: Rule) -> None:
        """Appends rules; those that stand keep their counts and phases."""
        with self._changed:
            self._armed += self._arm(rules)

    def reset(self) -> None:
        """Behaves well again, at once: hangs end too."""
        self._replace(())

    def next(self, operation: str) -> Fault:
        """What the next call of this operation gets. Spends the counted rules that strike it."""
        latency = 0.0
        with self._changed:
            now = self._clock()
            for armed in self._armed:
                if not self._strikes(armed, operation, now):
                    continue
                latency += armed.rule.latency_ms / 1000
                if armed.rule.effect is not Effect.NONE:
                    return Fault(latency, armed.rule)
        return Fault(latency)

    def is_down(self) -> bool:
        """Whether connections are refused right now. Asked when one is accepted."""
        with self._changed:
            now = self._clock()
            return any(armed.rule.effect is Effect.DOWN and armed.is_in_phase(now) for armed in self._armed)

    def hang(self, seconds: float = 3600.0) -> None:
        """Blocks the calling thread until the plan is replaced or the time is over."""
        with self._changed:
            generation = self._generation
            self._changed.wait_for(lambda: self._generation != generation, timeout=seconds)

    @property
    def generation(self) -> int:
        """Changes whenever the plan is replaced; lets an event loop wait as `hang` does."""
        with self._changed:
            return self._generation

    def describe(self) -> list[Mapping[str, object]]:
        """The rules with how often each struck and how many strikes are left, as JSON values."""
        with self._changed:
            return [
                {**armed.rule.model_dump(mode="json", exclude_none=True), "hits": armed.hits, "left": armed.left}
                for armed in self._armed
            ]

    def _strikes(self, armed: _Armed, operation: str, now: float) -> bool:
        rule = armed.rule
        if not armed.is_in_phase(now):
            return False
        if rule.effect is not Effect.DOWN:
            if armed.left == 0 or not fnmatchcase(operation, rule.operation):
                return False
            if rule.probability < 1.0 and self._chance() >= rule.probability:
                return False
            armed.left = None if armed.left is None else armed.left - 1
        armed.hits += 1
        return True

    def _replace(self, rules: Iterable[Rule]) -> None:
        with self._changed:
            self._armed = self._arm(rules)
            self._generation += 1
            self._changed.notify_all()

    def _arm(self, rules: Iterable[Rule]) -> list[_Armed]:
        now = self._clock()
        return [_Armed(rule, now, rule.times) for rule in rules]
