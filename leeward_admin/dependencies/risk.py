"""Rule: what it would cost to be without a provider, a dependency or a server of the fleet, and how likely that is.

    impact = severity x (breadth + flow) / 2     0 to 100; without any job, severity x breadth
    risk   = impact x likelihood

severity    of the most critical thing that would stop: critical 1, important 0.6, optional 0.3
breadth     the share of the providers that would stop, each with its weight: critical 6, important 3, optional 1
flow        the share of the fleet's jobs that wait, or arrive in a minute, at these providers
likelihood  healthy 0.1, unknown 0.3, degraded 0.6, unhealthy 1
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from broker.fleet.health.machines import ComponentState
from leeward_admin.dependencies.criticality import weight
from workers.dependencies.graph import Graph

__all__ = ["AffectedPart", "DependencyRisk", "RiskLevel"]

SEVERITY: Mapping[str, float] = {"critical": 1.0, "important": 0.6, "optional": 0.3}
LIKELIHOOD: Mapping[ComponentState, float] = {
    ComponentState.HEALTHY: 0.1,
    ComponentState.UNKNOWN: 0.3,
    ComponentState.DEGRADED: 0.6,
    ComponentState.UNHEALTHY: 1.0,
}
PROVIDER = "provider"


class RiskLevel(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @classmethod
    def of(cls, risk: float) -> "RiskLevel":
        """From 10 on medium, from 30 on high, from 60 on critical."""
        limits = ((60, cls.CRITICAL), (30, cls.HIGH), (10, cls.MEDIUM))
        return next((level for limit, level in limits if risk >= limit), cls.LOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A provider, a dependency or a server.

    Attributes:
        type: `provider`, or of a dependency.
        waiting: jobs that wait for a provider, delayed ones included.
        arrivals: its jobs that become ready in a minute.
        room: how many more may wait before producers are refused; None for any number.
    """

    name: str
    type: str
    criticality: str
    state: ComponentState
    waiting: int = 0
    arrivals: float = 0.0
    room: int | None = None

    @property
    def is_provider(self) -> bool:
        return self.type == PROVIDER

    @property
    def load(self) -> float:
        return self.waiting + self.arrivals


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPart:
    """What stops while something cannot be reached.

    Attributes:
        path: from what cannot be reached to it.
        waiting: jobs that wait for it now; `arrivals_per_minute`: that would join them.
        full_in: when producers would be refused; None where any number may wait, or none arrive.
    """

    name: str
    type: str
    criticality: str
    path: tuple[str, ...]
    waiting: int
    arrivals_per_minute: float
    full_in: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyRisk:
    """What it would cost to be without one part.

    Attributes:
        type: `provider`, `database`, `cache`, `external-api` or `other`.
        state: how it is now.
        affected: what would stop, the most critical first; itself included where it is a provider.
        impact, risk: 0 to 100.
        severity, breadth, flow, likelihood: what they are made of, 0 to 1; `flow` is None where the fleet has no job.
    """

    name: str
    type: str
    criticality: str
    state: ComponentState
    affected: tuple[AffectedPart, ...]
    impact: int
    risk: int
    severity: float
    breadth: float
    flow: float | None
    likelihood: float

    @property
    def level(self) -> RiskLevel:
        return RiskLevel.of(self.risk)

    @property
    def providers(self) -> int:
        """How many would stop."""
        return sum(one.type == PROVIDER for one in self.affected)

    @property
    def waiting(self) -> int:
        """Jobs that wait now for what would stop."""
        return sum(one.waiting for one in self.affected)

    @property
    def arrivals_per_minute(self) -> float:
        return sum(one.arrivals_per_minute for one in self.affected)


def risk_of(name: str, parts: Mapping[str, Part], graph: Graph, *, away: bool = False) -> DependencyRisk:
    """The risk of one part.

    Args:
        name: of the part.
        parts: all, by name.
        graph: what needs what.
        away: as if it could not be reached.
    """
    part = parts[name]
    paths = {name: (name,), **graph.affected_by(name)}
    stopped = [parts[one] for one in paths if one in parts and (one != name or part.is_provider)]
    severity = max((SEVERITY.get(one.criticality, SEVERITY["important"]) for one in stopped), default=0.0)
    breadth = _share([weight(one.criticality) for one in stopped if one.is_provider], parts)
    flow = _flow(stopped, parts)
    impact = severity * (breadth if flow is None else (breadth + flow) / 2)
    likelihood = 1.0 if away else LIKELIHOOD[part.state]
    affected = (_affected(one, paths[one.name]) for one in stopped)
    return DependencyRisk(
        name=name,
        type=part.type,
        criticality=part.criticality,
        state=part.state,
        affected=tuple(sorted(affected, key=lambda one: (-weight(one.criticality), -one.waiting, one.name))),
        impact=round(100 * impact),
        risk=round(100 * impact * likelihood),
        severity=severity,
        breadth=breadth,
        flow=flow,
        likelihood=likelihood,
    )


def _share(weights: list[int], parts: Mapping[str, Part]) -> float:
    total = sum(weight(one.criticality) for one in parts.values() if one.is_provider)
    return sum(weights) / total if total else 0.0


def _flow(stopped: list[Part], parts: Mapping[str, Part]) -> float | None:
    total = sum(one.load for one in parts.values())
    return sum(one.load for one in stopped) / total if total else None


def _affected(part: Part, path: tuple[str, ...]) -> AffectedPart:
    full_in = None
    if part.room is not None and part.arrivals > 0:
        full_in = timedelta(minutes=max(0, part.room) / part.arrivals)
    return AffectedPart(
        name=part.name,
        type=part.type,
        criticality=part.criticality,
        path=path,
        waiting=part.waiting,
        arrivals_per_minute=part.arrivals,
        full_in=full_in,
    )
