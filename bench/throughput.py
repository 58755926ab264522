"""No-ops per second: a finished backlog in front of warm workers, from the moment they go on until the server has nothing left."""

import time
from dataclasses import dataclass

from bench.quantiles import median
from bench.report import Report, say
from bench.stage import QUEUE, Stage
from bench.systems import LEEWARD, PLAIN, System, plain_with_prefetch

TARGET_DEFAULTS, TARGET_BEST = 4.0, 2.5
WARM_UP = 200


@dataclass(frozen=True, slots=True)
class Plan:
    jobs: int
    rounds: int
    prefetches: tuple[int, ...]


FULL = Plan(jobs=20_000, rounds=3, prefetches=(16, 64, 128, 256, 512))
QUICK = Plan(jobs=8_000, rounds=2, prefetches=(256,))


class Miscounted(Exception):
    """Raised when the jobs that ran are not exactly the jobs that were sent: a figure from such a round would be a lie."""


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    best = _best_prefetch(stage, plan)
    systems = (PLAIN, best, LEEWARD)
    rates: dict[str, list[float]] = {system.name: [] for system in systems}
    for _ in range(plan.rounds):
        for system in systems:
            rates[system.name].append(_rate(stage, system, plan.jobs))
    plain, tuned, ours = (median(rates[system.name]) for system in systems)
    return Report(
        bench="throughput",
        unit="jobs/s",
        plain=plain,
        leeward=ours,
        ratio=ours / plain,
        target=f">= {TARGET_DEFAULTS}x plain at its defaults and >= {TARGET_BEST}x plain at its best prefetch",
        met=ours >= TARGET_DEFAULTS * plain and ours >= TARGET_BEST * tuned,
        details={
            "plain_best": tuned,
            "plain_best_is": best.name,
            "ratio_to_best": ours / tuned,
            "jobs": plan.jobs,
            "rounds": rates,
        },
    )


def _best_prefetch(stage: Stage, plan: Plan) -> System:
    candidates = [plain_with_prefetch(depth) for depth in plan.prefetches]
    if len(candidates) == 1:
        return candidates[0]
    return max(candidates, key=lambda system: _rate(stage, system, plan.jobs))


def _rate(stage: Stage, system: System, jobs: int) -> float:
    stage.clear()
    send = system.producer(stage.url, [QUEUE]).get_actor("no_op").send
    with stage.fleet(system) as fleet:
        for number in range(WARM_UP):
            send(-number - 1)
        stage.wait_until_drained(system)
        fleet.stop()
        for number in range(jobs):
            send(number)
        began = time.monotonic()
        fleet.go_on()
        stage.wait_until_drained(system)
        rate = jobs / (time.monotonic() - began)
        _check(fleet.counted(), jobs)
    say(f"{system.name}: {rate:,.0f} jobs/s")
    return rate


def _check(ran: list[int], jobs: int) -> None:
    measured = sorted(number for number in ran if number >= 0)
    if measured != list(range(jobs)):
        missing, repeated = jobs - len(set(measured)), len(measured) - len(set(measured))
        raise Miscounted(f"{missing} of {jobs} jobs never ran, {repeated} ran more than once")
