"""Latency on an idle queue: from just before a job is sent to the start of its actor."""

import random
import time
from contextlib import ExitStack
from dataclasses import dataclass

from bench.quantiles import quantile
from bench.report import Report, say
from bench.stage import QUEUE, Stage
from bench.systems import LEEWARD, PLAIN

TARGET_P50_MS, TARGET_P99_MS = 3.0, 10.0
WARM_UP = 5
SYSTEMS = (PLAIN, LEEWARD)

Latencies = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Plan:
    """`gap_seconds`: between two sends, of which every second one goes to the same system, so that its queue rests about twice as long."""

    samples: int
    rounds: int
    gap_seconds: tuple[float, float]


FULL = Plan(samples=70, rounds=3, gap_seconds=(0.4, 0.8))
QUICK = Plan(samples=22, rounds=1, gap_seconds=(0.3, 0.6))


class Unanswered(Exception):
    """Raised when not every job that was sent has run."""


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    pooled: Latencies = {system.name: [] for system in SYSTEMS}
    for _ in range(plan.rounds):
        for name, latencies in _round(stage, plan).items():
            pooled[name] += latencies
            say(f"{name}: p50 {quantile(latencies, 0.5):.1f} ms, max {max(latencies):.1f} ms")
    plain, ours = (_summary(pooled[system.name]) for system in SYSTEMS)
    return Report(
        bench="pickup",
        unit="ms, p50",
        plain=plain["p50"],
        leeward=ours["p50"],
        ratio=plain["p50"] / ours["p50"],
        target=f"p50 <= {TARGET_P50_MS} ms and p99 <= {TARGET_P99_MS} ms",
        met=ours["p50"] <= TARGET_P50_MS and ours["p99"] <= TARGET_P99_MS,
        details={"plain_ms": plain, "leeward_ms": ours, "samples": plan.samples * plan.rounds},
    )


def _round(stage: Stage, plan: Plan) -> Latencies:
    """Both systems are up at once and take turns, so that both see the same minute of the machine."""
    stage.clear()
    with ExitStack() as stack:
        fleets = {system: stack.enter_context(stage.fleet(system)) for system in SYSTEMS}
        brokers = {system: system.producer(stage.url, [QUEUE]) for system in SYSTEMS}
        for turn in range(WARM_UP + plan.samples):
            for system in SYSTEMS:
                system.use()
                time.sleep(random.uniform(*plan.gap_seconds))
                if turn < WARM_UP:
                    brokers[system].get_actor("no_op").send(-1)
                else:
                    brokers[system].get_actor("stamp").send(time.monotonic_ns())
        for system in SYSTEMS:
            stage.wait_until_drained(system)
        return {system.name: _latencies_ms(fleet.counted(), plan) for system, fleet in fleets.items()}


def _latencies_ms(counted: list[int], plan: Plan) -> list[float]:
    latencies = [nanoseconds / 1e6 for nanoseconds in counted if nanoseconds >= 0]
    if len(latencies) != plan.samples:
        raise Unanswered(f"{plan.samples} jobs were sent and {len(latencies)} ran")
    return latencies


def _summary(latencies: list[float]) -> dict[str, float]:
    return {
        "p50": quantile(latencies, 0.50),
        "p95": quantile(latencies, 0.95),
        "p99": quantile(latencies, 0.99),
        "max": max(latencies),
    }
