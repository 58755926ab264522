"""The attempts of recovery actions, the latest thousand, and how often each action has helped."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import redis

from leeward.redaction import cleaned
from leeward.wire.script import Script

ROOT = "leeward:{recovery}:"
KEPT = 1_000
_MS = timedelta(milliseconds=1)

_note = Script("broker.fleet.recovery", "note.lua")
_finish = Script("broker.fleet.recovery", "finish.lua")


class Outcome(StrEnum):
    RECOVERED = "recovered"
    """What failed works again, or the caller has an answer."""
    FAILED = "failed"
    UNDER_WAY = "under_way"
    """It is not known yet: jobs are trying the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of an action; several that failed in the same way one after the other are one.

    Attributes:
        action: its name.
        of: the provider, or `postgresql`.
        operation: what had failed.
        at: when the first attempt began; `last`: when the latest one did.
        took: how long the latest one took.
        attempts: how many they were.
        by: the process, or the person who tried it.
        detail: what came of it.
        is_test: a person tried it; it is not counted.
    """

    action: str
    of: str
    operation: str
    outcome: Outcome
    at: datetime
    took: timedelta
    detail: str = ""
    by: str = ""
    is_test: bool = False
    attempts: int = 1
    last: datetime | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How often an action was tried since the fleet knows it.

    Attributes:
        took: all attempts together.
    """

    recovered: int = 0
    failed: int = 0
    took: timedelta = timedelta(0)

    @property
    def success_rate(self) -> float | None:
        """From 0 to 1; None where it was never tried."""
        tried = self.recovered + self.failed
        return self.recovered / tried if tried else None


def note(client: redis.Redis, attempt: Attempt) -> None:
    """Raises: redis.RedisError: Valkey cannot be reached."""
    _note(client, ROOT, [json.dumps(_document(attempt))])


def finish(client: redis.Redis, attempt_id: str, outcome: Outcome, took: timedelta, detail: str) -> bool:
    """Says how an attempt ended that was under way. False where another process was first.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return bool(_finish(client, ROOT, [attempt_id, outcome.value, str(round(took / _MS)), cleaned(detail)]))


def under_way(client: redis.Redis, of: str) -> str | None:
    """The id of the attempt at a provider whose outcome is not known yet.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found: Any = client.hget(f"{ROOT}under_way", of)
    return None if found is None else _text(found)


def history(client: redis.Redis, *, limit: int = KEPT) -> list[Attempt]:
    """The latest attempts, newest first.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found: Iterable[Any] = client.lrange(f"{ROOT}history", 0, KEPT - 1)
    attempts = [_attempt(json.loads(text)) for text in found]
    return sorted(attempts, key=lambda one: one.last or one.at, reverse=True)[:limit]


def totals(client: redis.Redis) -> dict[str, Totals]:
    """By action.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    numbers = {_text(name): int(value) for name, value in client.hgetall(f"{ROOT}totals").items()}
    actions = sorted({name.partition(" ")[2] for name in numbers})
    return {
        action: Totals(
            recovered=numbers.get(f"recovered {action}", 0),
            failed=numbers.get(f"failed {action}", 0),
            took=numbers.get(f"took_ms {action}", 0) * _MS,
        )
        for action in actions
    }


def claim(client: redis.Redis, action: str, of: str, pause: timedelta) -> bool:
    """Whether an action may be tried now at a provider: the first process of the fleet that asks within `pause` may.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    if not pause:
        return True
    return bool(client.set(f"{ROOT}pause:{action}:{of}", "1", nx=True, px=max(1, round(pause / _MS))))


def _document(one: Attempt) -> dict[str, Any]:
    return {
        "id": one.id,
        "action": one.action,
        "of": one.of,
        "operation": one.operation,
        "outcome": one.outcome.value,
        "at_ms": _ms(one.at),
        "last_ms": _ms(one.last or one.at),
        "took_ms": round(one.took / _MS),
        "attempts": one.attempts,
        "by": one.by,
        "detail": cleaned(one.detail),
        "test": one.is_test,
    }


def _attempt(document: dict[str, Any]) -> Attempt:
    return Attempt(
        id=str(document["id"]),
        action=str(document["action"]),
        of=str(document["of"]),
        operation=str(document["operation"]),
        outcome=Outcome(document["outcome"]),
        at=_instant(document["at_ms"]),
        last=_instant(document["last_ms"]),
        took=document["took_ms"] * _MS,
        attempts=int(document["attempts"]),
        by=str(document["by"]),
        detail=str(document["detail"]),
        is_test=bool(document["test"]),
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _instant(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
