"""One provider hangs with 200 jobs queued, another's jobs arrive at 10 per second: from the send to the start of the latter."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import dramatiq

from bench.guards.site.guarded import PLAIN_VISITORS, guarded, send_visit
from bench.guards.site.site import Site
from bench.quantiles import quantile
from bench.report import Report, say
from bench.stage import Stage
from bench.systems import System
from bench.waiting import wait_for
from broker.guards.config import GuardConfig
from simulators.faults import Effect, Rule

HUNG, WELL = "sync.hung", "sync.well"
HUNG_JOBS = 200
GAP_SECONDS = 0.1
TARGET = 1.2
WARM_UP = 10
# The circuit of the hanging provider only watches: what keeps the two apart is to be seen without its help.
CONFIGS = {"hung": GuardConfig(observe=True), "well": GuardConfig()}


@dataclass(frozen=True, slots=True)
class Plan:
    """Jobs of the healthy provider per fleet and round, 10 a second."""

    rounds: int
    jobs: int
    plain_jobs: int


@dataclass(frozen=True, slots=True)
class Latencies:
    """In ms, of the healthy provider's jobs, with the other one hanging and without."""

    loaded: list[float]
    unloaded: list[float]

    @property
    def growth(self) -> float:
        return quantile(self.loaded, 0.99) / quantile(self.unloaded, 0.99)

    def summary(self) -> dict[str, dict[str, float]]:
        return {
            name: {"p50": quantile(values, 0.5), "p99": quantile(values, 0.99), "max": max(values)}
            for name, values in (("loaded", self.loaded), ("unloaded", self.unloaded))
        }


FULL = Plan(rounds=3, jobs=300, plain_jobs=200)
QUICK = Plan(rounds=1, jobs=100, plain_jobs=40)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    stages = [stage.beside(1), stage.beside(2)]
    plain = _pair(stages, PLAIN_VISITORS, plan.plain_jobs)
    rounds = [_pair(stages, guarded(CONFIGS), plan.jobs) for _ in range(plan.rounds)]
    ours = Latencies([ms for one in rounds for ms in one.loaded], [ms for one in rounds for ms in one.unloaded])
    theirs, leeward = (quantile(one.loaded, 0.99) for one in (plain, ours))
    return Report(
        bench="isolation",
        unit="ms, p99 of a healthy provider's jobs beside one that hangs",
        plain=theirs,
        leeward=leeward,
        ratio=theirs / leeward,
        target=f"p99 <= {TARGET}x its own p99 without the other provider's jobs, measured at the same time",
        met=ours.growth <= TARGET,
        details={
            "leeward_growth": ours.growth,
            "leeward_growth_by_round": [one.growth for one in rounds],
            "plain_growth": plain.growth,
            "leeward_ms": ours.summary(),
            "plain_ms": plain.summary(),
            "samples": plan.rounds * plan.jobs,
            "hung_jobs": HUNG_JOBS,
        },
    )


def _pair(stages: Sequence[Stage], system: System, jobs: int) -> Latencies:
    """Two fleets at once, each in a database of its own, get their jobs in turn: both see the same minute of the machine. Only the first
    has jobs that hang.
    """
    with ExitStack() as stack:
        site = stack.enter_context(Site())
        site.faults.set(Rule(effect=Effect.HANG))
        fleets = []
        for one in stages:
            one.clear()
            fleets.append(stack.enter_context(one.fleet(system, queues=[HUNG, WELL], env=site.env)))
        brokers = [system.producer(one.url, [HUNG, WELL]) for one in stages]
        _send(brokers, [-1] * WARM_UP)
        for number in range(HUNG_JOBS):
            send_visit(brokers[0], HUNG, number)
        wait_for(lambda: _hits(site) > 0, "a job to hang")
        _send(brokers, [None] * jobs)
        wait_for(
            lambda: all(_complete(fleet.counted(), jobs) for fleet in fleets),
            "the last jobs",
            limit_seconds=120,
            every_seconds=0.5,
        )
        loaded, unloaded = ([ns / 1e6 for ns in fleet.counted() if ns >= 0] for fleet in fleets)
    found = Latencies(loaded, unloaded)
    say(
        f"{system.name}: p99 {quantile(loaded, 0.99):.1f} ms beside a hanging provider, {quantile(unloaded, 0.99):.1f} ms without"
    )
    return found


def _send(brokers: Sequence[dramatiq.Broker], numbers: Sequence[int | None]) -> None:
    """To each broker one job per gap, in turn. None: the time of the send."""
    for number in numbers:
        for broker in brokers:
            time.sleep(GAP_SECONDS / len(brokers))
            name, value = ("no_op", number) if number is not None else ("stamp", time.monotonic_ns())
            message = broker.get_actor(name).message(value).copy(queue_name=WELL)
            broker.enqueue(message)


def _hits(site: Site) -> int:
    return sum(int(str(rule["hits"])) for rule in site.faults.describe())


def _complete(counted: Sequence[int], jobs: int) -> bool:
    return sum(ns >= 0 for ns in counted) == jobs
