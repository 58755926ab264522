"""A limit of five for four processes, of which one is killed every few seconds: what the provider counts."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from bench.fleet import Fleet
from bench.guards.site.guarded import guarded, send_visit
from bench.guards.site.permits import Kill, back_seconds, idle_ms
from bench.guards.site.site import Site, Visit
from bench.guards.site.time_ranges import TimeRange, most_at_once
from bench.quantiles import median, quantile
from bench.report import Report, say
from bench.stage import Stage
from bench.systems import System
from broker.guards.config import GuardConfig
from leeward.wire.keys import ProviderKeys

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


# A lease that is no multiple of the pause between kills, so that a job that was cut is not cut again each time it comes back.
FULL = Plan(jobs=2_000, lease=timedelta(seconds=3), kill_every_seconds=5)
QUICK = Plan(jobs=700, lease=timedelta(seconds=2), kill_every_seconds=3)


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
                crew.kill_and_replace()
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

    def kill_and_replace(self) -> None:
        """SIGKILL to the longest-serving one of those that hold a permit; returns when another is up."""
        holders = self._holders()
        victim = next((fleet for fleet in self._fleets if fleet.workers[0] in holders), self._fleets[0])
        self._fleets.remove(victim)
        self.kills.append(Kill(victim.workers[0], time.time_ns()))
        victim.kill()
        self._fleets.append(self._resources.enter_context(self._process()))

    def _holders(self) -> set[int]:
        """The processes whose jobs run now, by the names on their leases."""
        client = self._stage.client
        tokens = client.hgetall(KEYS.deliveries)
        holders = (tokens[job] for job in client.zrange(KEYS.leases, 0, -1) if job in tokens)
        return {int(token.rpartition(b":")[2]) for token in holders if isinstance(token, bytes)}

    def _process(self) -> Fleet:
        return self._stage.fleet(self._system, queues=[QUEUE], processes=1, threads=THREADS, env=self._site.env)


def _report(plan: Plan, visits: Sequence[Visit], kills: Sequence[Kill], died: int) -> Report:
    most = most_at_once([TimeRange(visit.began_ns, visit.ended_ns) for visit in visits])
    gaps, back = idle_ms(plan.lease, visits, kills), back_seconds(visits, kills)
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
        # Without a job that was cut nothing is shown.
        and back != []
        and max(back) <= lease_seconds + TARGET_REUSE_MS / 1000
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
