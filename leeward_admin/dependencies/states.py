"""Reads what a fleet depends on: from live workers, from this machine's configuration, and from what was added at run time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import redis

from broker.fleet.dependencies.findings import DependencyFinding, findings
from broker.fleet.health.machines import CURRENT, ComponentState
from leeward.record import Catalogue, ServedDependency
from leeward.record.reader import workers
from leeward_admin.dependencies.criticality import USUAL, WEIGHTS
from leeward_admin.dependencies.risk import PROVIDER
from leeward_admin.status.condition import Condition
from leeward_admin.status.health import PartHealth, read_health
from leeward_admin.status.status import ProviderStatus
from workers.dependencies.dependency import BUILT_IN, VALKEY, Dependency
from workers.dependencies.graph import Graph, Node
from workers.dependencies.probes import added_dependencies
from workers.settings.dependencies.reading import read_dependencies
from workers.settings.settings import Settings

__all__ = ["DependencyState"]

_BY_CIRCUIT = {
    Condition.CIRCUIT_OPEN: ComponentState.UNHEALTHY,
    Condition.UNREACHABLE: ComponentState.UNHEALTHY,
    Condition.PROBING: ComponentState.DEGRADED,
    Condition.HELD: ComponentState.DEGRADED,
}
_BADNESS = [ComponentState.UNKNOWN, ComponentState.HEALTHY, ComponentState.DEGRADED, ComponentState.UNHEALTHY]


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyState:
    """A provider, a dependency or a server of the fleet.

    Attributes:
        type: `provider`, `database`, `cache`, `external-api` or `other`.
        state: unknown where nothing looks at it, or did not lately.
        depends_on, needed_by: names, those that other tables or commands say of it included.
        host: where its health is checked; empty where it has no address of its own.
        source: `configuration`, `fleet`, or who added it at run time.
        detail: what the latest check found; `latency`: how long it took; `at`: when; `since`: since when it is so.
    """

    name: str
    type: str
    criticality: str
    state: ComponentState
    depends_on: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    host: str = ""
    source: str = "configuration"
    detail: str = ""
    latency: timedelta | None = None
    at: datetime | None = None
    since: datetime | None = None


def read_states(
    client: redis.Redis, settings: Settings, providers: Iterable[ProviderStatus], now: datetime
) -> dict[str, DependencyState]:
    """All of them, by name.

    Args:
        client: of Valkey.
        settings: of this machine.
        providers: as the fleet's status has them.
        now: the time.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    catalogues = list(workers(client).values())
    health = read_health(client, now=now)
    found = _declared(client, settings, catalogues)
    looked = findings(client)
    found = {name: _looked_at(one, looked.get(name), now) for name, one in found.items()}
    probed = {one.part: one for one in health if not one.machine}
    status = {one.provider: one for one in providers}
    for catalogue in catalogues:
        for name, provider in catalogue.providers.items():
            found[name] = DependencyState(
                name=name,
                type=PROVIDER,
                criticality=provider.criticality if provider.criticality in WEIGHTS else USUAL,
                depends_on=provider.depends_on,
                **_provider_state(status.get(name), probed.get(name)),
            )
    return with_edges({**found, **_servers(health)})


def _declared(client: redis.Redis, settings: Settings, catalogues: Iterable[Catalogue]) -> dict[str, DependencyState]:
    """Those of the configuration go first: a name can be written there after it was added at run time."""
    found = {name: state_of(one) for name, one in added_dependencies(client).items()}
    for catalogue in catalogues:
        found |= {name: _published(name, served) for name, served in catalogue.dependencies.items()}
    return found | {name: state_of(one) for name, one in read_dependencies(settings.source).dependencies.items()}


def _servers(health: Iterable[PartHealth]) -> dict[str, DependencyState]:
    """As the machine sees them that sees them worst."""
    worst = dict[str, PartHealth]()
    for one in health:
        if one.machine and one.part in BUILT_IN and _badness(one.state) > _badness(_state_of(worst.get(one.part))):
            worst[one.part] = one
    return {name: _server(name, kind, worst.get(name)) for name, kind in BUILT_IN.items()}


def _server(name: str, kind: str, one: PartHealth | None) -> DependencyState:
    about = DependencyState(
        name=name, type=kind, criticality="critical", source="fleet", state=ComponentState.UNKNOWN,
        detail="no worker host has looked at it lately",
    )  # fmt: skip
    if one is None:
        return about
    return replace(about, state=one.state, detail=one.detail, latency=one.latency, at=one.at)


def _state_of(one: PartHealth | None) -> ComponentState:
    return ComponentState.UNKNOWN if one is None else one.state


def _badness(state: ComponentState) -> int:
    return _BADNESS.index(state)


def _provider_state(status: ProviderStatus | None, health: PartHealth | None) -> dict[str, Any]:
    state = ComponentState.UNKNOWN if health is None else health.state
    by_circuit = None if status is None else _BY_CIRCUIT.get(status.condition)
    if by_circuit is not None and _badness(by_circuit) > _badness(state):
        return {"state": by_circuit, "detail": status.why if status else "", "at": health.at if health else None}
    if health is None:
        return {"state": state}
    return {"state": state, "detail": health.detail, "latency": health.latency, "at": health.at, "since": health.since}


def _published(name: str, served: ServedDependency) -> DependencyState:
    return DependencyState(
        name=name,
        type=served.type or "other",
        criticality=served.criticality if served.criticality in WEIGHTS else USUAL,
        state=ComponentState.UNKNOWN,
        depends_on=served.depends_on,
        needed_by=served.needed_by,
        host=served.host,
    )


def state_of(one: Dependency) -> DependencyState:
    """Before anything has looked at it."""
    return DependencyState(
        name=one.name,
        type=one.type,
        criticality=one.criticality,
        state=ComponentState.UNKNOWN,
        depends_on=one.depends_on,
        needed_by=one.needed_by,
        host=one.host,
        source=one.by or "configuration",
    )


def _looked_at(one: DependencyState, finding: DependencyFinding | None, now: datetime) -> DependencyState:
    if finding is None:
        return replace(one, detail="no check has looked at it yet" if one.host else "it has no health_url")
    state = finding.state if now - finding.at <= CURRENT else ComponentState.UNKNOWN
    return replace(one, state=state, detail=finding.detail, latency=finding.took, at=finding.at, since=finding.since)


def with_edges(found: Mapping[str, DependencyState]) -> dict[str, DependencyState]:
    """Each edge is known to both of its ends, at whichever end it was declared. Every provider needs Valkey, where its jobs are."""
    needs = {name: {*one.depends_on} for name, one in found.items()}
    for name, one in found.items():
        for dependent in one.needed_by:
            needs.setdefault(dependent, set()).add(name)
        if one.type == PROVIDER:
            needs[name].add(VALKEY)
    needed_by: dict[str, set[str]] = {}
    for name, names in needs.items():
        for needed in names:
            needed_by.setdefault(needed, set()).add(name)
    return {
        name: replace(
            one,
            depends_on=tuple(sorted(needs[name])),
            needed_by=tuple(sorted(needed_by.get(name, set()) & found.keys())),
        )
        for name, one in found.items()
    }


def graph_of(found: Mapping[str, DependencyState]) -> Graph:
    """Of what each needs."""
    return Graph(Node(name=name, depends_on=frozenset(one.depends_on)) for name, one in found.items())
