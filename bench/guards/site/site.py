"""A provider that records every call: the caller, from when to when, and the job."""

import random
import threading
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Self

from bench.guards.site.actors import SITE
from bench.guards.site.crowd import Crowd
from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request

REFUSAL_SECONDS = 0.05
"""Saying that there is no place takes time, too."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. Times are nanoseconds since the epoch, which is Valkey's clock, too, on the same machine."""

    number: int
    delivery: int
    pid: int
    began_ns: int
    ended_ns: int
    ok: bool


class Site:
    """A real HTTP server on loopback; `faults` makes it hang or vanish, `failing` answers 503. A context manager. Thread-safe.

    `crowd` limits how many it works on at once, and answers 503 to those for whom even its queue has no room; `spread` is the part by which
    its work takes more or less time, at random.
    """

    def __init__(self, work_seconds: float = 0.0, *, spread: float = 0.0, crowd: Crowd | None = None) -> None:
        self.work_seconds = work_seconds
        self._spread = spread
        self._crowd = crowd
        self.failing = False
        self.faults = FaultPlan()
        self._visits: list[Visit] = []
        self._lock = threading.Lock()
        self._server = HttpServer(("127.0.0.1", 0), self._respond, self.faults)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def env(self) -> Mapping[str, str]:
        """What its visitors need to know."""
        return {SITE: self._server.url}

    def visits(self) -> list[Visit]:
        """Every request that has been worked on, in the order of their beginnings."""
        with self._lock:
            return sorted(self._visits, key=lambda visit: visit.began_ns)

    def _respond(self, request: Request) -> Answer:
        """A request counts until its work is over, also when its caller has died meanwhile."""
        began_ns = time.time_ns()
        failing = self.failing | (not self._work())
        number, delivery, pid = int(request.path[1:]), int(request.query["delivery"]), int(request.query["pid"])
        visit = Visit(number, delivery, pid, began_ns, time.time_ns(), not failing)
        with self._lock:
            self._visits.append(visit)
        return Answer.of_text("later", 503) if failing else Answer.of_text("done")

    def _work(self) -> bool:
        """False when it had no place for this one."""
        seconds = self.work_seconds * random.uniform(1 - self._spread, 1 + self._spread)
        with self._crowd.place() if self._crowd else nullcontext(True) as let_in:
            time.sleep(seconds if let_in else REFUSAL_SECONDS)
            return let_in
