"""What each machine of a fleet has found of itself and of the servers, in one hash of Valkey."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import redis

from leeward.wire.process_keys import MACHINES

CURRENT = timedelta(minutes=5)
"""A finding that is older says nothing about now: its state is unknown."""
KEPT = timedelta(days=1)
"""A machine that has reported nothing for longer is not shown, and forgotten when another one comes."""


class ComponentState(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """It works, and a person should look before it does not."""
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"
    """Nothing was found out lately."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentFinding:
    """One part of a machine, or a server as that machine sees it.

    Attributes:
        component: `valkey`, `postgresql`, `memory` or `disk`.
        state: what it is.
        detail: what was found, for people, without secrets.
        took_ms: how long it took to find out.
        used: the fraction that is in use; None where that is no question.
    """

    component: str
    state: ComponentState
    detail: str
    took_ms: float = 0.0
    used: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineHealth:
    """What one machine found last, and when."""

    machine: str
    at: datetime
    findings: tuple[ComponentFinding, ...]


def record(client: redis.Redis, machine: str, findings: Iterable[ComponentFinding], *, now: datetime) -> None:
    """Puts a machine's findings in place of those before. With its first ones, those that have reported nothing for `KEPT` are forgotten:
    to look at all with each would cost a large fleet the square of its size.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    document = {"at": now.timestamp(), "findings": [asdict(one) for one in findings]}
    if not client.hset(MACHINES, machine, json.dumps(document)):
        return
    if gone := [one.machine for one in _known(client) if now - one.at > KEPT]:
        client.hdel(MACHINES, *gone)


def machines(client: redis.Redis, *, now: datetime) -> list[MachineHealth]:
    """Every machine that has reported within `KEPT`, by name.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return sorted((one for one in _known(client) if now - one.at <= KEPT), key=lambda one: one.machine)


def _known(client: redis.Redis) -> list[MachineHealth]:
    found = (_machine(name, text) for name, text in client.hgetall(MACHINES).items())
    return [one for one in found if one is not None]


def _machine(name: bytes | str, text: bytes | str) -> MachineHealth | None:
    try:
        document = json.loads(text)
        findings = tuple(_finding(one) for one in document["findings"])
        at = datetime.fromtimestamp(document["at"], UTC)
    except (ValueError, KeyError, TypeError, OverflowError):  # of another release
        return None
    return MachineHealth(machine=name.decode() if isinstance(name, bytes) else name, at=at, findings=findings)


def _finding(document: dict[str, Any]) -> ComponentFinding:
    return ComponentFinding(
        component=str(document["component"]),
        state=ComponentState(document["state"]),
        detail=str(document["detail"]),
        took_ms=float(document["took_ms"]),
        used=document.get("used"),
    )
