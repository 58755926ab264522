"""A guarded provider, driven by hand."""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import redis

from broker.guards.actor_config import ActorGuards
from broker.guards.config import GuardConfig
from broker.guards.store import Guards, GuardState
from leeward.wire.script import Script
from tests.integration.broker.lab import Admission, Lab, Leased
from tests.support.answers import entries, raw, text

ALPHA, BETA = "alpha:1", "beta:1"
"""Worker processes of two hosts."""
NEVER = 3_600_000

_declare = Script("broker.guards.scripts", "declare.lua")
_limit = Script("broker.guards.scripts", "limit.lua")
_steer = Script("broker.guards.scripts", "steer.lua")


class GuardLab(Lab):
    """Like `Lab`, with what circuit and limits need: calls that fail, and people who steer."""

    def __init__(self, client: "redis.Redis", provider: str = "lab", **numbers: Any) -> None:
        super().__init__(client, provider)
        self._numbers = itertools.count(1)
        self.declare(**numbers)

    def declare(self, *, actors: Mapping[str, ActorGuards] = MappingProxyType({}), **numbers: Any) -> None:
        """`actors` are own numbers by queue."""
        self.config = GuardConfig(**numbers)
        fields: dict[str, Any] = dict(self.config.to_fields())
        for queue, own in actors.items():
            fields |= own.to_fields(queue)
        flat = [part for field in fields.items() for part in field]
        _declare(self.client, self.keys.root, [self.now, " ".join(actors), *flat])

    def steer(self, verb: str, *more: Any, by: str = "ann", cause: str = "because") -> str:
        return text(_steer(self.client, self.keys.root, [self.now, verb, by, cause, *more]))

    def mode(self, mode: str, until: int | str = "") -> None:
        self.steer("mode", mode, until)

    def admit(self, n: int = 10, *, worker: str = ALPHA, queue: str | None = None) -> Admission:
        return super().admit(n, worker=worker, queue=queue)

    def state(self) -> GuardState:
        return Guards(self.client, self.keys.provider).state()

    def limit(self) -> int:
        """In force now, by the clock of the test."""
        return int(_limit(self.client, self.keys.root, [self.now])[0])

    def events(self, *, but: tuple[str, ...] = ()) -> list[str]:
        """What happened, oldest first."""
        return [
            fields[b"event"].decode()
            for _, fields in entries(self.client, self.keys.events)
            if fields[b"event"].decode() not in but
        ]

    def last_event(self) -> tuple[str, str, str]:
        _, fields = entries(self.client, self.keys.events)[-1]
        return fields[b"event"].decode(), fields[b"cause"].decode(), fields[b"by"].decode()

    def fill(self, n: int, **options: Any) -> list[str]:
        ids = [f"job-{next(self._numbers)}" for _ in range(n)]
        self.enqueue(*ids, **options)
        return ids

    def one(self, *, worker: str = ALPHA) -> Leased:
        """A job that runs now."""
        self.fill(1)
        admission = self.admit(1, worker=worker)
        assert admission.jobs, f"not admitted: {admission.why}"
        return admission.jobs[0]

    def fail(self, job: Leased, *, attempts: int = 1, end: str = "later", **fields: Any) -> list[str]:
        """Its call fails, as with a connection error."""
        usual: dict[str, Any] = {"delay_ms": NEVER} if end == "later" else {"reason": "exhausted", "error": "{}"}
        return self.settle(job, end, call="failed", ms=5, outage=True, attempts=attempts, **usual | fields)

    def calls(self, *, ok: int = 0, failed: int = 0, slow: int = 0, worker: str = ALPHA) -> None:
        """So many calls one after the other, in this order."""
        for _ in range(ok):
            self.succeed(self.one(worker=worker))
        for _ in range(failed):
            self.fail(self.one(worker=worker))
        for _ in range(slow):
            ms = round(self.config.slow / timedelta(milliseconds=1))
            self.settle(self.one(worker=worker), "done", call="ok", ms=ms)

    def opened(self) -> None:
        """Opens the circuit with failures in a row."""
        self.calls(failed=self.config.streak)
        assert self.state().state == "open"

    def half_opened(self, *, waiting: int = 0) -> None:
        """Opens it, lets the time pass, and has jobs wait. The next admit half-opens it."""
        self.opened()
        self.flush_ready()
        self.fill(waiting)
        self.now = self.until()

    def until(self) -> int:
        return int(raw(self.client.hget(self.keys.circuit, "until")))

    def flush_ready(self) -> None:
        while self.flush():
            pass
