"""One worker process to be killed, one to take over, and sixteen jobs between them."""

import time
from contextlib import ExitStack
from typing import Self

from bench.fleet import Fleet
from bench.stage import Stage
from bench.systems import System
from bench.waiting import wait_for
from bench.worker.inside import VICTIM

BUSY, QUIET = "busy", "quiet"
PER_QUEUE = 8
IN_FLIGHT = 2 * PER_QUEUE
_NUMBERS = {BUSY: range(PER_QUEUE), QUIET: range(PER_QUEUE, IN_FLIGHT)}


class CrashTrial:
    """Entered: the victim runs 16 jobs, eight of each queue, and the other process is up and idle."""

    def __init__(self, stage: Stage, system: System) -> None:
        self.system = system
        self._stage = stage
        self._resources = ExitStack()
        self._killed_ns = 0

    def __enter__(self) -> Self:
        broker = self.system.producer(self._stage.url, (BUSY, QUIET))
        hold, self._no_op = broker.get_actor("hold"), broker.get_actor("no_op")
        with ExitStack() as stack:
            self._victim = stack.enter_context(self._process(victim=True))
            for queue, numbers in _NUMBERS.items():
                for number in numbers:
                    broker.enqueue(hold.message(number).copy(queue_name=queue))
            wait_for(lambda: len(self._victim.lines()) == IN_FLIGHT, "the jobs to be in flight")
            self._survivor = stack.enter_context(self._process(victim=False))
            self._resources = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def kill(self) -> None:
        """SIGKILL to the victim, its `dramatiq` master included."""
        self._killed_ns = time.monotonic_ns()
        self._victim.kill()

    def keep_busy(self) -> None:
        """Traffic on the busy queue."""
        self.system.use()
        self._no_op.send(-1)

    @property
    def is_over(self) -> bool:
        return not self.missing(BUSY) and not self.missing(QUIET)

    def missing(self, queue: str) -> int:
        """How many of the queue's jobs have not started again."""
        return PER_QUEUE - len(self._started(queue))

    def seconds(self, queue: str) -> float | None:
        """From the kill until the last of the queue's jobs started again; None while one is missing."""
        started = self._started(queue)
        return (max(started.values()) - self._killed_ns) / 1e9 if len(started) == PER_QUEUE else None

    def verdict(self, queue: str) -> str:
        seconds = self.seconds(queue)
        return f"misses {self.missing(queue)} of {PER_QUEUE}" if seconds is None else f"complete after {seconds:.1f} s"

    def _process(self, *, victim: bool) -> Fleet:
        env = {VICTIM: "1"} if victim else {}
        return self._stage.fleet(self.system, queues=(BUSY, QUIET), processes=1, threads=IN_FLIGHT, env=env)

    def _started(self, queue: str) -> dict[int, int]:
        """When each of the queue's jobs first started in the surviving process."""
        first: dict[int, int] = {}
        for number, started_ns, _pid in self._survivor.lines():
            if number in _NUMBERS[queue]:
                first[number] = min(started_ns, first.get(number, started_ns))
        return first
