"""Looks at the health of every dependency, once a tick in the whole fleet."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import redis
import structlog

from broker.fleet.dependencies.added import added
from broker.fleet.dependencies.findings import DependencyFinding, findings, put
from broker.fleet.health.machines import ComponentState
from leeward.redaction import cleaned
from workers.dependencies.dependency import Dependency, dependency_of

DEPENDENCY_PROBES = "probe.dependencies"
_MS = timedelta(milliseconds=1)

_log = structlog.get_logger(__name__)


class DependencyProbes:
    """Args:
    client: of Valkey.
    configured: the dependencies of this machine's configuration, by name.
    """

    def __init__(self, client: redis.Redis, configured: Mapping[str, Dependency]) -> None:
        self._client = client
        self._configured = configured

    def look(self) -> None:
        """Looks at all at once, and writes what was found.

        Raises:
            redis.RedisError: Valkey cannot be reached.
        """
        known = {**self._configured, **added_dependencies(self._client)}
        before = findings(self._client)
        found = look_at(known, before) if any(one.health_url for one in known.values()) else {}
        put(self._client, found, forget=frozenset(before.keys() - found.keys()))


def look_at(
    dependencies: Mapping[str, Dependency], before: Mapping[str, DependencyFinding]
) -> dict[str, DependencyFinding]:
    """What a check of each finds that has an address; a change of state is logged."""
    from workers.dependencies.health_rule import judged
    from workers.dependencies.looking import HealthChecks  # the HTTP client: not for a fleet without such dependencies

    checks = HealthChecks()
    try:
        looked = checks.look(list(dependencies.values()))
    finally:
        checks.close()
    found = {name: judged(check, before.get(name)) for name, check in looked.items()}
    for name, one in found.items():
        was = before[name].state if name in before else ComponentState.UNKNOWN
        if one.state is not was:
            note = _log.info if one.state is ComponentState.HEALTHY else _log.warning
            note("dependency_health_changed", dependency=name, state=one.state.value, detail=cleaned(one.detail))
    return found


def added_dependencies(client: redis.Redis) -> dict[str, Dependency]:
    """Those that were added at run time, by name; one that another release wrote and this one cannot use is left out.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found = dict[str, Dependency]()
    for name, document in added(client).items():
        try:
            found[name] = _dependency(name, document)
        except (ValueError, TypeError, KeyError) as error:
            _log.warning("dependency_unusable", dependency=name, error=type(error).__name__)
    return found


def document_of(one: Dependency) -> dict[str, Any]:
    """As it is written in Valkey."""
    return {
        "type": one.type,
        "criticality": one.criticality,
        "depends_on": list(one.depends_on),
        "needed_by": list(one.needed_by),
        "health_url": one.health_url,
        "allow_private": one.allow_private,
        "timeout_ms": round(one.timeout / _MS),
        "by": one.by,
    }


def _dependency(name: str, document: Mapping[str, Any]) -> Dependency:
    values = {
        "type": str(document["type"]),
        "criticality": str(document["criticality"]),
        "depends_on": tuple(map(str, document["depends_on"])),
        "needed_by": tuple(map(str, document["needed_by"])),
        "health_url": document["health_url"],
        "allow_private": bool(document["allow_private"]),
        "timeout": document["timeout_ms"] * _MS,
        "by": str(document["by"]),
    }
    return dependency_of(name, values)
