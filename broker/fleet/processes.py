"""The processes of a fleet: what each of them says about itself every few seconds, in one hash of Valkey."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import redis

from leeward.status import instant
from leeward.wire.process_keys import PROCESSES
from leeward.wire.script import Script

REPORT_EVERY = timedelta(seconds=10)
ALIVE = timedelta(seconds=30)
"""A process that has been silent for longer is taken for gone."""
KEPT = timedelta(minutes=10)
"""For so long one that went silent without saying that it stops is still shown."""
_MS = timedelta(milliseconds=1)

_report = Script("broker.scripts.fleet", "report.lua")


class Role(StrEnum):
    WORKER = "worker"
    SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a process says.

    Attributes:
        role: what it does.
        process: `host:pid`.
        release: of the fleet's package.
        threads, busy: how many it has, and how many of them run a job.
        oldest_ms: for how long the oldest of these jobs has run.
        draining: it takes no more jobs, and ends with those that it has.
        up_ms: for how long it has run.
        ended_per_minute: deliveries that have ended in the last minute, by queue.
    """

    role: Role
    process: str
    release: str = ""
    threads: int = 0
    busy: int = 0
    oldest_ms: int = 0
    draining: bool = False
    up_ms: int = 0
    ended_per_minute: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetProcess:
    """A process as the fleet knows it.

    Attributes:
        said: its latest report.
        seen_at: when that was, by the server's clock.
        silent_for: how long ago that is.
    """

    said: Report
    seen_at: datetime
    silent_for: timedelta

    @property
    def is_alive(self) -> bool:
        return self.silent_for < ALIVE


def report(client: redis.Redis, said: Report) -> None:
    """Says it. To be called every `REPORT_EVERY`.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    text = json.dumps(asdict(said))
    _report(client, PROCESSES, ["", _field(said), text, KEPT // _MS])


def withdraw(client: redis.Redis, said: Report) -> None:
    """The process ends: it is not missed.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    client.hdel(PROCESSES, _field(said))


def processes(client: redis.Redis) -> list[FleetProcess]:
    """All that have said something in the last ten minutes and did not say that they stop, by role and name.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    pipeline = client.pipeline(transaction=False)
    pipeline.time()
    pipeline.hvals(PROCESSES)
    (seconds, microseconds), values = pipeline.execute()
    return read_processes(values, int(seconds) * 1000 + int(microseconds) // 1000)


def read_processes(values: list[bytes], now_ms: int) -> list[FleetProcess]:
    """From the values of the hash, as of a time of the server. What was said longer than `KEPT` ago is left out, and what another release
    wrote and this one cannot read.
    """
    found = [one for value in values if (one := _read(value, now_ms)) is not None and one.silent_for < KEPT]
    return sorted(found, key=lambda one: (one.said.role, one.said.process))


def _field(said: Report) -> str:
    return f"{said.role.value} {said.process}"


def _read(value: bytes, now_ms: int) -> FleetProcess | None:
    at, _, text = value.partition(b" ")
    try:
        members: dict[str, Any] = json.loads(text)
        known = {name: members[name] for name in Report.__dataclass_fields__ if name in members}
        said = Report(**known | {"role": Role(members["role"])})
        seen_at = instant(int(at))
    except (ValueError, TypeError, LookupError):
        return None
    if seen_at is None:
        return None
    return FleetProcess(said=said, seen_at=seen_at, silent_for=timedelta(milliseconds=max(0, now_ms - int(at))))
