"""A fleet that wants every permit, and a provider that works on so many calls at once: what is beyond waits."""

import heapq
import itertools

from tests.integration.broker.guards.guard_lab import ALPHA, NEVER, GuardLab
from tests.integration.broker.lab import Leased

MOST = 150
"""That may be wanted at once."""


class Traffic:
    """Calls through the real scripts, on the clock of the test.

    Attributes:
        capacity: calls that the provider works on at once.
        service_ms: how long a call takes that does not wait.
        ended: calls that have.
        failing: whether calls fail when they end.
    """

    def __init__(self, lab: GuardLab, *, capacity: float, service_ms: float = 200, worker: str = ALPHA) -> None:
        self.capacity = capacity
        self.service_ms = service_ms
        self.failing = False
        self.ended = 0
        self._lab = lab
        self._worker = worker
        self._order = itertools.count()
        self._running: list[tuple[int, int, Leased]] = []

    def run(self, seconds: float) -> list[int]:
        """Goes on for so long; the limits in force whenever calls have ended."""
        lab, ends, limits = self._lab, self._lab.now + round(seconds * 1000), []
        self._admit()
        while self._running and self._running[0][0] <= ends:
            self._end_next()
            limits.append(lab.limit())
            self._admit()
        lab.now = ends
        return limits

    def finish(self) -> None:
        """Ends what runs and begins nothing more."""
        while self._running:
            self._end_next()
        self._lab.flush_ready()

    def _admit(self) -> None:
        """Begins as many calls as may begin."""
        lab = self._lab
        if lab.client.llen(lab.keys.ready(lab.queue, "normal")) < MOST:
            lab.fill(2 * MOST)
        for job in lab.admit(MOST, worker=self._worker).jobs:
            at_once = lab.client.zcard(lab.keys.leases)
            took_ms = round(self.service_ms * max(1.0, at_once / self.capacity))
            heapq.heappush(self._running, (lab.now + took_ms, next(self._order), job))

    def die(self) -> int:
        """The worker is killed with every call it runs. Returns how many."""
        died, self._running = len(self._running), []
        return died

    def _end_next(self) -> None:
        """All that end at the same instant."""
        at_ms, jobs = self._running[0][0], []
        while self._running and self._running[0][0] == at_ms:
            jobs.append(heapq.heappop(self._running)[2])
        self.ended += len(jobs)
        self._lab.now = max(self._lab.now, at_ms)
        if not self.failing:
            self._lab.succeed(*jobs)
            return
        for job in jobs:
            self._lab.fail(job, delay_ms=NEVER)
