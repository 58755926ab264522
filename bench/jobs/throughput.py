"""No-ops per second: a finished backlog in front of warm workers, from the time when they continue until the server has no job left."""

import time
from dataclasses import dataclass
from functools import partial

from bench.jobs.systems_compared import CONTRACT, KEYED, STOCK, ComparedSystem, Miscounted, tuned
from bench.quantiles import median
from bench.report import Report, say
from bench.rounds import interleaved, times_faster
from bench.stage import Stage
from bench.systems import PLAIN

TARGET_DEFAULTS, TARGET_BEST = 4.0, 2.5
WARM_UP = 200


@dataclass(frozen=True, slots=True)
class Plan:
    jobs: int
    rounds: int
    prefetches: tuple[int, ...]
    beside: tuple[ComparedSystem, ...] = ()


FULL = Plan(jobs=20_000, rounds=3, prefetches=(16, 64, 128, 256, 512), beside=(CONTRACT, KEYED))
QUICK = Plan(jobs=8_000, rounds=2, prefetches=(256,))


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    defaults, best = ComparedSystem(PLAIN), _best_prefetch(stage, plan)
    contenders = (defaults, best, STOCK, *plan.beside)
    rates = interleaved(plan.rounds, {one.name: partial(_rate, stage, one, plan.jobs) for one in contenders})
    medians = {name: median(values) for name, values in rates.items()}
    to_defaults, to_best = (times_faster(rates[STOCK.name], rates[one.name]) for one in (defaults, best))
    return Report(
        bench="throughput",
        unit="jobs/s",
        plain=medians[defaults.name],
        leeward=medians[STOCK.name],
        ratio=to_defaults,
        target=f">= {TARGET_DEFAULTS}x plain at its defaults and >= {TARGET_BEST}x plain at its best prefetch",
        met=to_defaults >= TARGET_DEFAULTS and to_best >= TARGET_BEST,
        details={
            "plain_best": medians[best.name],
            "plain_best_is": best.name,
            "prefetches_tried": list(plan.prefetches),
            "ratio_to_best": to_best,
            "jobs": plan.jobs,
            "medians": medians,
            "rounds": rates,
        },
    )


def _best_prefetch(stage: Stage, plan: Plan) -> ComparedSystem:
    """By its fastest of two tries: a slow one says more about the machine than about the setting."""
    candidates = {str(depth): tuned(depth) for depth in plan.prefetches}
    if len(candidates) == 1:
        return next(iter(candidates.values()))
    rates = interleaved(2, {depth: partial(_rate, stage, one, plan.jobs) for depth, one in candidates.items()})
    return candidates[max(rates, key=lambda depth: max(rates[depth]))]


def _rate(stage: Stage, contender: ComparedSystem, jobs: int) -> float:
    stage.clear()
    system, queue = contender.system, contender.queue
    with contender.sender(stage.url) as send, stage.fleet(system, queues=[queue]) as fleet:
        send(range(jobs, jobs + WARM_UP))
        stage.wait_until_drained(system, queue=queue)
        fleet.stop()
        send(range(jobs))
        began = time.monotonic()
        fleet.go_on()
        stage.wait_until_drained(system, queue=queue)
        rate = jobs / (time.monotonic() - began)
        check(fleet.counted(), jobs)
    say(f"{contender.name}: {rate:,.0f} jobs/s")
    return rate


def check(ran: list[int], jobs: int) -> None:
    """Every job, those of the warm-up included, ran once.

    Raises:
        Miscounted: it did not.
    """
    if sorted(ran) != list(range(jobs + WARM_UP)):
        missing, repeated = jobs + WARM_UP - len(set(ran)), len(ran) - len(set(ran))
        raise Miscounted(missing, repeated)
