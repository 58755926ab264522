"""Jobs that wait for a provider, with a backlog in front of them: how busy the threads are kept."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from bench.guards.site.guarded import PLAIN_VISITORS, guarded, send_visit
from bench.guards.site.site import Site
from bench.quantiles import median
from bench.report import Report, say
from bench.rounds import interleaved, times_faster
from bench.stage import QUEUE, Stage
from bench.systems import System
from broker.guards.config import GuardConfig

PROCESSES, THREADS = 2, 8
WORK_SECONDS, SPREAD = 0.05, 0.5
WARM_UP = 20
TARGET = 0.97
# A circuit that only watches: nothing is to hold a job back but the threads.
SYSTEMS: Mapping[str, System] = {
    "plain": PLAIN_VISITORS,
    "leeward": guarded({QUEUE: GuardConfig(observe=True)}),
}


@dataclass(frozen=True, slots=True)
class Plan:
    jobs: int
    rounds: int


FULL = Plan(jobs=2_000, rounds=3)
QUICK = Plan(jobs=600, rounds=2)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    rates = interleaved(plan.rounds, {name: partial(_rate, stage, name, plan.jobs) for name in SYSTEMS})
    ratio, most = times_faster(rates["leeward"], rates["plain"]), PROCESSES * THREADS / WORK_SECONDS
    return Report(
        bench="busy",
        unit="jobs/s",
        plain=median(rates["plain"]),
        leeward=median(rates["leeward"]),
        ratio=ratio,
        target=f">= {TARGET:g}x plain, which fetches ahead what other processes could do",
        met=ratio >= TARGET,
        details={"jobs": plan.jobs, "work_seconds": WORK_SECONDS, "at_most": most, "rounds": rates},
    )


def _rate(stage: Stage, name: str, jobs: int) -> float:
    stage.clear()
    system, site = SYSTEMS[name], Site(WORK_SECONDS, spread=SPREAD)
    broker = system.producer(stage.url, [QUEUE])
    with site, stage.fleet(system, processes=PROCESSES, threads=THREADS, env=site.env) as fleet:
        for number in range(WARM_UP):
            send_visit(broker, QUEUE, number)
        stage.wait_until_drained(system)
        fleet.stop()
        for number in range(jobs):
            send_visit(broker, QUEUE, number)
        began = time.monotonic()
        fleet.go_on()
        stage.wait_until_drained(system)
        rate = jobs / (time.monotonic() - began)
    say(f"{name}: {rate:,.0f} jobs/s")
    return rate
