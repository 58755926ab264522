"""A provider, its jobs and its health probes through the real scripts, from instant to instant of the test's clock."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.integration.broker.guards.guard_lab import BETA, GuardLab
from tests.integration.broker.lab import Leased
from tests.support.answers import text

MINUTE_MS = 60_000
DENIED_MS = 300_000
FAILED = {"call": "failed", "ms": 5, "outage": True}
OWN_FAULTS: dict[str, dict[str, Any]] = {
    "an outage's error": FAILED,
    "an unknown outcome": {"call": "failed", "ms": 5},
    "a bug, or its target's refusal": {},
    "credentials or settings": {"denied": True},
    "a slow failure": FAILED | {"ms": 30_000},
    "permanent": {"dead": "permanent"},
    "invalid": {"dead": "invalid"},
}
"""What a job may fail of while the provider serves others."""


@dataclass
class Job:
    """`fault` is a name from `OWN_FAULTS`; none for a job that succeeds while the provider is up."""

    id: str
    at: int
    fault: str | None = None
    attempts: int = 5
    pause_ms: int = 2_000
    place: dict[str, Any] = field(default_factory=dict)


@dataclass
class Night:
    """Attributes:
    down: from when to when the provider fails everybody, ms from the beginning; its health probe tells the truth.
    looks: whether there are health probes.
    """

    lab: GuardLab
    jobs: list[Job]
    down: tuple[int, int] = (0, 0)
    looks: bool = True
    deadline_ms: int = 86_400_000
    order: list[tuple[str, str, frozenset[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.lab.now
        self._left = sorted(self.jobs, key=lambda job: job.at)
        self._by_id = {job.id: job for job in self.jobs}
        self._look_at = self.began + MINUTE_MS
        self._asked = 0
        self.calls = 0
        self.spent = 0

    def is_down(self) -> bool:
        return self.down[0] <= self.lab.now - self.began < self.down[1]

    def run(self, until_ms: int) -> None:
        """Goes on until then, or until every job has ended."""
        ends = self.began + until_ms
        while self.lab.now < ends and (self._left or self.live()):
            self._arrive()
            self._look()
            self.lab.now = min(ends, max(self.lab.now + 1, min(self._work("lab"), self._work("email.lab"))))

    def live(self) -> list[str]:
        return [job.id for job in self.jobs if self.lab.client.hexists(self.lab.keys.jobs, job.id)]

    def reasons(self) -> dict[str, str]:
        return {letter["job"]: letter["reason"] for letter in self.lab.dead()}

    def _arrive(self) -> None:
        while self._left and self.began + self._left[0].at <= self.lab.now:
            job = self._left.pop(0)
            body = {"failures": 0, "deadline": self.lab.now + self.deadline_ms}
            self.lab.enqueue(job.id, message=json.dumps(body).encode(), **job.place)

    def _look(self) -> None:
        asked, self._asked = self.lab.looks > self._asked, self.lab.looks
        if self.looks and (asked or self.lab.now >= self._look_at):
            self.lab.steer("unhealthy" if self.is_down() else "healthy", by="health probe")
            while self._look_at <= self.lab.now:
                self._look_at += MINUTE_MS

    def _work(self, queue: str) -> int:
        """One round of a worker. Returns when something may happen next."""
        admission = self.lab.admit(3, queue=queue, worker=BETA if queue == "lab" else "beta:2")
        state = self._state() if admission.jobs else ""
        untried = frozenset(self._untried()) if state == "half_open" else frozenset()
        for job in admission.jobs:
            self.order.append((state, job.job_id, untried - set(admission.ids)))
            self._call(job)
        soon = self.lab.now + 1 if admission.jobs or self.lab.looks > self._asked else admission.look_at
        arrival = self.began + self._left[0].at if self._left else 0
        return min(at for at in (soon, arrival, self._look_at if self.looks else 0, self.lab.now + 600_000) if at)

    def _state(self) -> str:
        return text(self.lab.client.hget(self.lab.keys.circuit, "state") or b"closed")

    def _untried(self) -> list[str]:
        """Jobs that are ready and have not failed as probes."""
        lab, keys = self.lab, self.lab.keys
        not_ready = [*lab.client.zrange(keys.leases, 0, -1), *lab.client.zrange(keys.scheduled, 0, -1)]
        tried = lab.client.zrange(f"{keys.root}probed", 0, -1)
        return [name for name in self.live() if name.encode() not in {*not_ready, *tried}]

    def _call(self, leased: Leased) -> None:
        """As the rings would end it."""
        job, body = self._by_id[leased.job_id], json.loads(leased.message)
        self.calls += 1
        if self.lab.now > body["deadline"]:
            self.lab.settle(leased, "dead", reason="expired", error="{}")
            return
        says = FAILED if self.is_down() else OWN_FAULTS[job.fault] if job.fault else None
        if says is None:
            self.lab.succeed(leased)
        elif "dead" in says:
            self.lab.settle(leased, "dead", reason=says["dead"], error="{}")
        elif "denied" in says:
            self.lab.settle(leased, "hold", delay_ms=DENIED_MS, cause="AuthFailed", probe=True)
        else:
            self._fail(leased, job, body, says)

    def _fail(self, leased: Leased, job: Job, body: dict[str, Any], says: dict[str, Any]) -> None:
        failures = body["failures"] + 1
        message = json.dumps(body | {"failures": failures}).encode()
        said = says | ({"attempts": failures} if says else {})
        if failures >= job.attempts:
            self.lab.settle(leased, "dead", message=message, reason="exhausted", error="{}", **said)
        else:
            self.lab.settle(leased, "later", message=message, delay_ms=job.pause_ms * failures, **said)
        kept = self.lab.client.hget(self.lab.keys.jobs, job.id)
        self.spent += kept == message
