"""What the latest health check of each dependency found, in one hash."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis

from broker.fleet.health.machines import ComponentState

FINDINGS = "leeward:dependencies:health"
KEPT = timedelta(days=7)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyFinding:
    """A dependency's health.

    Attributes:
        state: what it is, after the rule of `workers.dependencies.health_rule`.
        detail: what the latest check found.
        took: how long it took.
        at: when it was; `since`: since when the state is what it is.
        failures, successes: how many checks in a row failed, or succeeded, last.
        failing_since: since when checks fail without a break; None while they succeed.
    """

    state: ComponentState
    detail: str
    took: timedelta
    at: datetime
    since: datetime
    failures: int = 0
    successes: int = 0
    failing_since: datetime | None = None


def put(client: redis.Redis, findings: Mapping[str, DependencyFinding], *, forget: frozenset[str]) -> None:
    """Raises: redis.RedisError: Valkey cannot be reached."""
    if forget:
        client.hdel(FINDINGS, *sorted(forget))
    if findings:
        client.hset(FINDINGS, mapping={name: json.dumps(_document(one)) for name, one in findings.items()})
        client.pexpire(FINDINGS, KEPT)


def findings(client: redis.Redis) -> dict[str, DependencyFinding]:
    """By name.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return {
        name.decode() if isinstance(name, bytes) else name: _finding(json.loads(text))
        for name, text in client.hgetall(FINDINGS).items()
    }


def _document(one: DependencyFinding) -> dict[str, object]:
    return {
        "state": one.state.value,
        "detail": one.detail,
        "took_ms": one.took / _MS,
        "at": one.at.timestamp(),
        "since": one.since.timestamp(),
        "failures": one.failures,
        "successes": one.successes,
        "failing_since": None if one.failing_since is None else one.failing_since.timestamp(),
    }


def _finding(document: dict[str, object]) -> DependencyFinding:
    failing_since = document["failing_since"]
    return DependencyFinding(
        state=ComponentState(str(document["state"])),
        detail=str(document["detail"]),
        took=float(str(document["took_ms"])) * _MS,
        at=_instant(document["at"]),
        since=_instant(document["since"]),
        failures=int(str(document["failures"])),
        successes=int(str(document["successes"])),
        failing_since=None if failing_since is None else _instant(failing_since),
    )


def _instant(seconds: object) -> datetime:
    return datetime.fromtimestamp(float(str(seconds)), UTC)
