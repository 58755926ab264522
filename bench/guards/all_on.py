"""No-ops per second with every guard on: circuit, a high limit and a high rate, and the rings."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bench.guards.site.commands import script_calls
from bench.guards.site.guarded import guarded
from bench.jobs.systems_compared import ComparedSystem, tuned
from bench.jobs.throughput import WARM_UP, check
from bench.quantiles import median
from bench.report import Report, say
from bench.rounds import interleaved, times_faster
from bench.stage import QUEUE, Stage
from bench.systems import PLAIN
from broker.guards.config import GuardConfig
from broker.guards.store import Guards

TARGET_DEFAULTS, TARGET_BEST, TARGET_CALLS = 4.0, 2.5, 0.5
# High enough to hold nothing back; the rules are still evaluated.
EVERY_GUARD = GuardConfig(limit=10_000, rate=1_000_000, burst=1_000_000)
GUARDED = ComparedSystem(guarded({QUEUE: EVERY_GUARD}), label="leeward, every guard on")
DEFAULTS = ComparedSystem(PLAIN)


@dataclass(frozen=True, slots=True)
class Plan:
    jobs: int
    rounds: int
    prefetches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One round: jobs per second, and scripts run per job by the workers."""

    rate: float
    calls: float


FULL = Plan(jobs=20_000, rounds=3, prefetches=(16, 64, 128, 256, 512))
QUICK = Plan(jobs=6_000, rounds=1, prefetches=(256,))


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    best = _best(stage, plan)
    contenders = (DEFAULTS, best, GUARDED)
    rounds = interleaved(plan.rounds, {one.name: partial(_figure, stage, one, plan.jobs) for one in contenders})
    rates = {name: [figure.rate for figure in figures] for name, figures in rounds.items()}
    to_defaults, to_best = (times_faster(rates[GUARDED.name], rates[one.name]) for one in (DEFAULTS, best))
    calls = median([figure.calls for figure in rounds[GUARDED.name]])
    return Report(
        bench="guards",
        unit="jobs/s",
        plain=median(rates[DEFAULTS.name]),
        leeward=median(rates[GUARDED.name]),
        ratio=to_defaults,
        target=f">= {TARGET_DEFAULTS}x plain at its defaults, >= {TARGET_BEST}x at its best prefetch, "
        f"<= {TARGET_CALLS} script calls per job",
        met=to_defaults >= TARGET_DEFAULTS and to_best >= TARGET_BEST and calls <= TARGET_CALLS,
        details={
            "script_calls_per_job": calls,
            "plain_best": median(rates[best.name]),
            "plain_best_is": best.name,
            "ratio_to_best": to_best,
            "jobs": plan.jobs,
            "rounds": rates,
        },
    )


def _best(stage: Stage, plan: Plan) -> ComparedSystem:
    """Plain Dramatiq at the prefetch that was fastest in the better of two tries."""
    candidates = [tuned(depth) for depth in plan.prefetches]
    tries = interleaved(
        2 if len(candidates) > 1 else 0,
        {one.name: partial(_figure, stage, one, plan.jobs) for one in candidates},
    )
    return max(candidates, key=lambda one: _fastest(tries[one.name]))


def _fastest(figures: Sequence[Figure]) -> float:
    return max((figure.rate for figure in figures), default=0.0)


def _figure(stage: Stage, contender: ComparedSystem, jobs: int) -> Figure:
    """As `throughput` does it: a finished backlog in front of warm workers that were halted."""
    stage.clear()
    with contender.sender(stage.url) as send, stage.fleet(contender.system) as fleet:
        send(range(jobs, jobs + WARM_UP))
        stage.wait_until_drained(contender.system)
        if contender is GUARDED:
            assert Guards(stage.client, QUEUE).config() == EVERY_GUARD, "the guards are not on"
        fleet.stop()
        send(range(jobs))
        stage.client.config_resetstat()
        began = time.monotonic()
        fleet.go_on()
        stage.wait_until_drained(contender.system)
        rate = jobs / (time.monotonic() - began)
        calls = script_calls(stage.client) / jobs
        check(fleet.counted(), jobs)
    say(f"{contender.name}: {rate:,.0f} jobs/s, {calls:.3f} script calls per job")
    return Figure(rate, calls)
