"""Five jobs per second for a whole fleet: what the provider sees in any window, and how much of the rate is used."""

import time
from dataclasses import dataclass

from bench.guards.site.guarded import guarded, send_visit
from bench.guards.site.site import Site
from bench.guards.site.time_ranges import longest_pause_ms, over_allowance
from bench.report import Report, say
from bench.stage import Stage
from broker.guards.config import GuardConfig

RATE = 5.0
PROCESSES, THREADS = 4, 8
TARGET_USED = 0.97
BURSTS = {"five": 5, "one": 1}
QUEUES = {name: f"email.{name}" for name in BURSTS}
FIRST_OF_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    seconds: float


@dataclass(frozen=True, slots=True)
class Use:
    """What one provider saw.

    Attributes:
        used: the part of the allowed jobs that started.
        over: by how many jobs the fullest window exceeded burst and rate; 0 or less: none did.
        pause_ms: the longest time between two starts.
    """

    used: float
    over: float
    pause_ms: float


FULL = Plan(seconds=60)
QUICK = Plan(seconds=12)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    system = guarded({name: GuardConfig(rate=RATE, burst=burst) for name, burst in BURSTS.items()})
    broker = system.producer(stage.url, list(QUEUES.values()))
    queues = list(QUEUES.values())
    with (
        Site() as site,
        stage.fleet(system, queues=queues, processes=PROCESSES, threads=THREADS, env=site.env),
    ):
        for position, queue in enumerate(queues):
            for number in range(round(2 * RATE * plan.seconds)):
                send_visit(broker, queue, FIRST_OF_SECOND * position + number)
        time.sleep(plan.seconds + 1)
        visits = site.visits()
    uses = {}
    for position, (name, burst) in enumerate(BURSTS.items()):
        starts_ns = [visit.began_ns for visit in visits if visit.number // FIRST_OF_SECOND == position]
        uses[name] = _use(starts_ns, burst, plan.seconds)
        say(
            f"burst {burst}: {uses[name].used:.1%} used, {uses[name].over:+.2f} jobs over the allowance of the fullest window"
        )
    return _report(plan, uses)


def _use(starts_ns: list[int], burst: int, seconds: float) -> Use:
    """Over the given time from the first start, in which burst and rate allow so many starts."""
    within = [at_ns for at_ns in starts_ns if at_ns - starts_ns[0] < seconds * 1e9]
    return Use(
        used=len(within) / (burst + RATE * seconds),
        over=over_allowance(starts_ns, rate=RATE, burst=burst),
        pause_ms=longest_pause_ms(within),
    )


def _report(plan: Plan, uses: dict[str, Use]) -> Report:
    return Report(
        bench="rate",
        unit=f"part of {RATE:g}/s that was used, burst 5",
        plain=None,
        leeward=uses["five"].used,
        ratio=None,
        target=f">= {TARGET_USED:.0%} used, no window a whole job over burst + {RATE:g}/s, with a burst of 5 and of 1",
        met=all(use.used >= TARGET_USED and use.over < 1 for use in uses.values()),
        details={
            "seconds": plan.seconds,
            "used_by_burst": {str(BURSTS[name]): use.used for name, use in uses.items()},
            "jobs_over_in_fullest_window_by_burst": {str(BURSTS[name]): use.over for name, use in uses.items()},
            "longest_pause_ms_by_burst": {str(BURSTS[name]): use.pause_ms for name, use in uses.items()},
            "processes": PROCESSES,
        },
    )
