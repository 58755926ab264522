"""The benchmarks by name."""

from collections.abc import Callable

from bench import crash, delay, enqueue, idle, memory, pickup, throughput
from bench.guards import adaptive, all_on, bulkhead, closed_door, isolation, outage, rate, reaction
from bench.report import Report
from bench.stage import Stage

BENCHMARKS: dict[str, Callable[..., Report]] = {
    "throughput": throughput.run,
    "enqueue": enqueue.run,
    "pickup": pickup.run,
    "delay": delay.run,
    "crash": crash.run,
    "memory": memory.run,
    "idle": idle.run,
    "guards": all_on.run,
    "closed-door": closed_door.run,
    "isolation": isolation.run,
    "bulkhead": bulkhead.run,
    "reaction": reaction.run,
    "outage": outage.run,
    "rate": rate.run,
    "adaptive": adaptive.run,
}


def run(name: str, stage: Stage, *, quick: bool) -> Report:
    """Runs one benchmark. `quick` means smaller and fewer rounds, 40 s at most, for a look rather than a figure to quote."""
    return BENCHMARKS[name](stage, quick=quick)
