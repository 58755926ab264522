"""A limit of five for four processes, of which one is killed every few seconds: what the provider counts."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Self

from bench.fleet import Fleet
from bench.guards.guarded import guarded, send_visit
from bench.guards.site import Site, Visit
from bench.guards.spans import Span, most_at_once, reuse_gaps_ms
from bench.quantiles import median, quantile
from bench.report import Report, say
from bench.stage import Stage
from bench.systems import System
from broker.guards.config import GuardConfig
from leeward.keys import ProviderKeys

QUEUE, KEYS = "sync.site", ProviderKeys("site")
LIMIT = 5
PROCESSES, THREADS = 4, 8
WORK_SECONDS = 0.05
TARGET_REUSE_MS = 100.0


@dataclass(frozen=True, slots=True)
class Plan:
    jobs: int
    lease: timedelta
    kill_every_seconds: float


class Kill(NamedTuple):
    """Which process was killed, and when in nanoseconds since the epoch."""

    pid: int
    at_ns: int


FULL = Plan(jobs=2_000, lease=timedelta(seconds=5), kill_every_seconds=5)
QUICK = Plan(jobs=500, lease=timedelta(seconds=2), kill_every_seconds=3)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    # Calls cut by a kill are no failures, so the circuit has nothing to say here.
    system = guarded({"site": GuardConfig(limit=LIMIT)}, lease=plan.lease)
    broker = system.producer(stage.url, [QUEUE])
    with Site(WORK_SECONDS) as site, Crew(stage, system, site) as crew:
        for number in range(plan.jobs):
            send_visit(broker, QUEUE, number)
        next_kill = time.monotonic() + plan.kill_every_seconds
        while stage.unfinished(system, QUEUE):
            time.sleep(0.02)
            if time.monotonic() >= next_kill:
                crew.kill_next_and_replace()
                next_kill += plan.kill_every_seconds
        visits = site.visits()
        died = stage.client.xlen(KEYS.dead)
    return _report(plan, visits, crew.kills, died)


class Crew:
    """Processes that can be killed one by one, each with a `dramatiq` command of its own."""

    def __init__(self, stage: Stage, system: System, site: Site) -> None:
        self._stage, self._system, self._site = stage, system, site
        self._fleets: list[Fleet] = []
        self._resources = ExitStack()
        self.kills: list[Kill] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for _ in range(PROCESSES):
                self._fleets.append(stack.enter_context(self._process()))
            self._resources = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def kill_next_and_replace(self) -> None:
        """The longest-serving one gets SIGKILL; returns when another is up."""
        victim = self._fleets.pop(0)
        self.kills.append(Kill(victim.workers[0], time.time_ns()))
        victim.kill()
        self._fleets.append(self._resources.enter_context(self._process()))

    def _process(self) -> Fleet:
        return self._stage.fleet(self._system, queues=[QUEUE], processes=1, threads=THREADS, env=self._site.env)


def _report(plan: Plan, visits: Sequence[Visit], kills: Sequence[Kill], died: int) -> Report:
    most = most_at_once([Span(visit.began_ns, visit.ended_ns) for visit in visits])
    gaps, back = _gaps_ms(visits), _back_seconds(visits, kills)
    lease_seconds = plan.lease.total_seconds()
    missing = plan.jobs - len({visit.number for visit in visits})
    say(
        f"at most {most} at once; {len(kills)} kills; reuse p50 {median(gaps):.1f} ms, max {max(gaps):.1f} ms; back after {back}"
    )
    return Report(
        bench="bulkhead",
        unit=f"at once at the provider, at most, of {LIMIT}",
        plain=None,
        leeward=float(most),
        ratio=None,
        target=f"<= {LIMIT} always; freed permits used again <= {TARGET_REUSE_MS:g} ms, killed holders' within their lease and that",
        met=most <= LIMIT
        and max(gaps) <= TARGET_REUSE_MS
        and max(back, default=0.0) <= lease_seconds + TARGET_REUSE_MS / 1000
        and missing == died == 0,
        details={
            "reuse_ms": {"p50": median(gaps), "p99": quantile(gaps, 0.99), "max": max(gaps)},
            "killed_holders_back_seconds": back,
            "lease_seconds": lease_seconds,
            "kills": len(kills),
            "jobs": plan.jobs,
            "jobs_missing": missing,
            "dead": died,
            "seconds": (visits[-1].ended_ns - visits[0].began_ns) / 1e9,
        },
    )


def _gaps_ms(visits: Sequence[Visit]) -> list[float]:
    """The first run of a job that ran again was cut by a kill: its permit came back with the lease, and went to the second run."""
    last = {visit.number: visit for visit in visits}
    first = {visit.number: visit for visit in reversed(visits)}
    ends = [visit.ended_ns for visit in last.values()]
    # The last permits to come free have nobody left to use them.
    return reuse_gaps_ms([visit.began_ns for visit in first.values()], ends)


def _back_seconds(visits: Sequence[Visit], kills: Sequence[Kill]) -> list[float]:
    """How long after its holder was killed each job that was cut began again."""
    runs = Counter(visit.number for visit in visits)
    killed_ns = {kill.pid: kill.at_ns for kill in kills}
    back: list[float] = []
    cut: dict[int, int] = {}
    for visit in visits:
        if visit.number in cut:
            back.append((visit.began_ns - killed_ns[cut.pop(visit.number)]) / 1e9)
        if runs[visit.number] > 1 and visit.pid in killed_ns:
            runs[visit.number] -= 1
            cut[visit.number] = visit.pid
    return back
