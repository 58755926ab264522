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
    findings = [_provider(name, finding, now) for name, finding in _findings(client).items()]
    return [*findings, *(part for one in machines(client, now=now) for part in _machine(one, now))]


def _findings(client: redis.Redis) -> dict[str, Finding | None]:
    """Of those that workers serve; where no worker runs, of those that were ever looked at."""
    if served := [catalogue.providers for catalogue in workers(client).values()]:
        enabled = {name for providers in served for name, one in providers.items() if one.enabled}
        return health_record.latest_of(client, sorted(enabled))
    known = health_record.latest_of(client, sorted(queues.known_providers(client)))
    return {name: finding for name, finding in known.items() if finding is not None}


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
