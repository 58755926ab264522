"""How everything is that a fleet needs: providers, servers and machines, by what its probes found last."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis

from broker.fleet import health_record, queues
from broker.fleet.health.machines import CURRENT, ComponentState, MachineHealth, machines
from broker.fleet.health_record import Finding
from leeward.record.reader import workers

__all__ = ["ComponentState", "PartHealth", "read_health"]

_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHealth:
    """One part of a fleet.

    Attributes:
        part: a provider's name, `valkey`, `postgresql`, `memory` or `disk`.
        machine: whose finding it is; empty for a provider, which any worker looks at.
        state: unknown where there was no probe in the last five minutes.
        detail: what the probe found, or why nothing is known.
        latency: how long it took.
        at: when that was; None where there was none.
        since: since when the provider is so; None where that is not known.
    """

    part: str
    machine: str = ""
    state: ComponentState
    detail: str
    latency: timedelta | None = None
    at: datetime | None = None
    since: datetime | None = None


def read_health(client: redis.Redis, *, now: datetime) -> list[PartHealth]:
    """Every provider that is switched on, then every machine with what it sees.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found = [_provider(name, health_record.latest(client, name), now) for name in _providers(client)]
    return [*found, *(part for one in machines(client, now=now) for part in _machine(one, now))]


def _providers(client: redis.Redis) -> list[str]:
    """Those that workers serve; where no worker runs, those that were ever looked at."""
    served = [catalogue.providers for catalogue in workers(client).values()]
    if served:
        return sorted({name for providers in served for name, one in providers.items() if one.enabled})
    return sorted(name for name in queues.known_providers(client) if health_record.latest(client, name) is not None)


def _provider(name: str, finding: Finding | None, now: datetime) -> PartHealth:
    if finding is None:
        return PartHealth(part=name, state=ComponentState.UNKNOWN, detail="no probe has looked at it yet")
    state = ComponentState.HEALTHY if finding.healthy else ComponentState.UNHEALTHY
    return PartHealth(
        part=name,
        state=_current(state, finding.at, now),
        detail=finding.detail,
        latency=finding.latency,
        at=finding.at,
        since=finding.since,
    )


def _machine(one: MachineHealth, now: datetime) -> Iterator[PartHealth]:
    for finding in one.findings:
        yield PartHealth(
            part=finding.component,
            machine=one.machine,
            state=_current(finding.state, one.at, now),
            detail=finding.detail,
            latency=finding.took_ms * _MS if finding.took_ms else None,
            at=one.at,
        )


def _current(state: ComponentState, at: datetime, now: datetime) -> ComponentState:
    return state if now - at <= CURRENT else ComponentState.UNKNOWN
