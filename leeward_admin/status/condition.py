"""Rule: the one word that says how a provider is."""

from datetime import datetime
from enum import StrEnum

from broker.guards.config import Mode
from broker.guards.store import GuardState

__all__ = ["Condition", "condition_of", "condition_of_guards"]


class Condition(StrEnum):
    """How a provider is, the decisive first."""

    DISABLED = "disabled"
    """It is switched off: producers are refused."""
    PAUSED = "paused"
    """An operator has paused it: its jobs wait."""
    HELD = "held"
    """It asked to be left alone for a while."""
    CIRCUIT_OPEN = "circuit open"
    """Its calls fail: its jobs wait for a probe."""
    PROBING = "probing"
    """A few jobs show whether it works again."""
    FORCED = "forced"
    """Its jobs run even when calls fail."""
    OBSERVED = "observed"
    """Its circuit only reports what it would do."""
    UNREACHABLE = "unreachable"
    """Its latest health probe failed."""
    WORKING = "working"

    @property
    def without_cause(self) -> str:
        """What explains it where no event has a cause; empty where the word says enough."""
        return "circuit only reports" if self is Condition.OBSERVED else ""

    @property
    def stops_jobs(self) -> bool:
        """Whether its jobs wait because of it."""
        return self in {Condition.DISABLED, Condition.PAUSED, Condition.HELD, Condition.CIRCUIT_OPEN}


def condition_of(
    *, enabled: bool, mode: Mode, state: str, held_until: datetime | None, healthy: bool | None, now: datetime
) -> Condition:
    """Args: as `broker.fleet.overview.ProviderOverview` has them."""
    decided = {
        Mode.FORCED_OPEN: Condition.PAUSED,
        Mode.FORCED_CLOSED: Condition.FORCED,
        Mode.OBSERVE: Condition.OBSERVED,
    }
    if not enabled:
        return Condition.DISABLED
    if mode is Mode.FORCED_OPEN:
        return Condition.PAUSED
    if held_until is not None and held_until > now:
        return Condition.HELD
    if mode in decided:
        return decided[mode]
    by_circuit = {"open": Condition.CIRCUIT_OPEN, "half_open": Condition.PROBING}
    return by_circuit.get(state) or (Condition.UNREACHABLE if healthy is False else Condition.WORKING)


def condition_of_guards(guards: GuardState, *, healthy: bool | None, now: datetime) -> Condition:
    """The same for a provider's guards as `Providers.state` reads them."""
    return condition_of(
        enabled=guards.config.enabled,
        mode=guards.mode,
        state=guards.state,
        held_until=guards.held_until,
        healthy=healthy,
        now=now,
    )
