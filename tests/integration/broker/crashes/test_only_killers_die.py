"""A small fleet in simulated time: only jobs that stop their processes die of it, whatever runs beside them and although somebody kills a
process from outside. (Who does so again and again, each time while the same job is alone, cannot be told from that job.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.crashes.isolation import Asks, Isolation, Step
from leeward.wire.script import Script
from tests.integration.broker.lab import KEPT_MS, KEY_MS, LEASE_MS, Lab, Leased
from tests.support.examples import examples

TICK_MS = 1_000
BOOT_MS = 1_000
QUEUES = ("lab", "email.lab")
_ended = Script("broker.scripts", "ended.lua")


@dataclass(frozen=True)
class Work:
    """A job of the simulation: how long it runs, and whether it stops its process then."""

    ms: int
    kills: bool


@dataclass
class Process:
    """As a worker process is: threads, the rule of isolation, and what it holds."""

    lab: Lab
    work: dict[str, Work]
    name: str
    threads: int
    has_record: bool
    up_at: int = 0
    running: dict[str, tuple[Leased, int]] = field(default_factory=dict)
    renewed_at: int = 0

    def __post_init__(self) -> None:
        self._boot()

    def _boot(self) -> None:
        self.isolation = Isolation(lambda: not self.running, lambda: self.lab.now / 1000)

    def die(self) -> None:
        ran, self.running = list(self.running), {}
        self.up_at = self.lab.now + BOOT_MS
        self._boot()
        if self.has_record:
            told = ["", self.name, self.lab.crash_limit, KEPT_MS, KEY_MS, len(ran), *ran]
            _ended(self.lab.client, self.lab.keys.root, [self.lab.now, *told[1:]])

    def tick(self) -> None:
        if self.lab.now < self.up_at:
            return
        for job, ends_at in list(self.running.values()):
            if ends_at <= self.lab.now:
                if self.work[job.job_id].kills:
                    self.die()
                    return
                del self.running[job.job_id]
                self.lab.succeed(job)
        if self.running and self.lab.now - self.renewed_at >= LEASE_MS // 3:
            self.lab.renew(*(job for job, _ in self.running.values()))
            self.renewed_at = self.lab.now
        for queue in QUEUES:
            self._ask(queue)

    def _ask(self, queue: str) -> None:
        if self.isolation.queue == queue and self.isolation.step() is Step.REJOIN:
            self.lab.mark_apart(*(job for job, _ in self.running.values()), together=0)
            self.isolation.end()
        asks, room = self.isolation.ask(queue), self.threads - len(self.running)
        if asks is None:
            return
        found = self.lab.ask(room, worker=self.name, queue=queue, asks=asks.value) if room else None
        jobs = found.jobs if found else []
        if asks is Asks.APART:
            self.lab.mark_apart(*jobs)
        self.running |= {job.job_id: (job, self.lab.now + self.work[job.job_id].ms) for job in jobs}
        self.isolation.answered(
            queue,
            asks,
            invited=bool(found and found.suspects),
            got=len(jobs),
            alone_seconds=found.alone_ms / 1000 if found else 0,
        )


@contextmanager
def nothing_left(client: "redis.Redis") -> Iterator["redis.Redis"]:
    client.flushall()
    yield client
    client.flushall()


works = st.builds(Work, ms=st.sampled_from([1, 500, 3_000, 20_000, 90_000]), kills=st.just(False))
killers = st.builds(Work, ms=st.sampled_from([1, 500, 3_000, 20_000]), kills=st.just(True))


@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    innocents=st.lists(works, max_size=16),
    guilty=st.lists(killers, min_size=1, max_size=3),
    processes=st.lists(st.tuples(st.integers(1, 8), st.booleans()), min_size=1, max_size=3),
    deaths=st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 2)), max_size=1),
    arrivals=st.randoms(use_true_random=False),
)
def test_only_jobs_that_stop_their_processes_die_of_it_and_all_others_are_done(
    innocents: list[Work],
    guilty: list[Work],
    processes: list[tuple[int, bool]],
    deaths: list[tuple[int, int]],
    arrivals: Random,
    valkey: "redis.Redis",
) -> None:
    with nothing_left(valkey) as client:
        lab = Lab(client)
        work = {f"innocent-{n}": one for n, one in enumerate(innocents)}
        work |= {f"killer-{n}": one for n, one in enumerate(guilty)}
        fleet = [Process(lab, work, f"host-{n}:1", *one) for n, one in enumerate(processes)]
        coming = {job: lab.now + arrivals.choice([0, 0, 0, 5_000, 40_000]) for job in work}
        from_outside = {lab.now + at - at % TICK_MS: n for at, n in deaths}
        end = lab.now + 3_600_000
        while lab.now < end and (coming or client.hlen(lab.keys.jobs)):
            for job in [job for job, at in coming.items() if at <= lab.now]:
                lab.enqueue(job, queue=arrivals.choice(QUEUES))
                del coming[job]
            if (victim := from_outside.get(lab.now)) is not None:
                fleet[victim % len(fleet)].die()
            lab.renew()
            for process in fleet:
                process.tick()
            lab.now += TICK_MS

        dead = {letter["job"] for letter in lab.dead()}
        assert dead == {job for job in work if work[job].kills}
        assert {job for job in work if lab.status(job) != "done"} <= dead
        assert client.exists(lab.keys.suspects, lab.keys.expiries, lab.keys.jobs) == 0
