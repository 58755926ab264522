"""The benchmarks by name."""

from collections.abc import Callable

from bench.console import status
from bench.dlq import drain, migration, pages, retention
from bench.downloads import large, small
from bench.guards import adaptive, all_on, bulkhead, closed_door, isolation, outage, rate, reaction
from bench.jobs import busy, cancel, crash, delay, enqueue, idle, memory, partitions, pickup, startup, throughput
from bench.jobs import pages as job_pages
from bench.mixed import faulty
from bench.outbox import moving
from bench.replay import operation
from bench.report import Report
from bench.stage import Stage

BENCHMARKS: dict[str, Callable[..., Report]] = {
    "throughput": throughput.run,
    "busy": busy.run,
    "enqueue": enqueue.run,
    "pickup": pickup.run,
    "startup": startup.run,
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
    "dlq-drain": drain.run,
    "migration": migration.run,
    "retention": retention.run,
    "replay": operation.run,
    "dlq": pages.run,
    "adaptive": adaptive.run,
    "cancel": cancel.run,
    "jobs": job_pages.run,
    "partitions": partitions.run,
    "outbox": moving.run,
    "status": status.run,
    "download": large.run,
    "downloads": small.run,
    "mixed": faulty.run,
}

GUARDED = {"throughput": "guards"}
"""What `--guards all` makes of a benchmark: the same measurement with every guard on."""


def named(name: str, guards: str | None) -> str:
    """The benchmark that is meant.

    Raises:
        ValueError: that one has no counterpart with every guard on.
    """
    if guards is None or name in GUARDED.values():
        return name
    if name not in GUARDED:
        raise ValueError(f"--guards goes with {', '.join(GUARDED)}; {name} says by itself which guards are on")
    return GUARDED[name]


def run(name: str, stage: Stage, *, quick: bool) -> Report:
    """Runs one benchmark. `quick` means smaller and fewer rounds, 40 s at most, for a quick check and not for a figure to publish."""
    return BENCHMARKS[name](stage, quick=quick)
