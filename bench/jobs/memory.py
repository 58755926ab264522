"""Resident memory of worker processes while 100,000 delayed jobs wait, against the same processes idle."""

import time
from collections import deque
from dataclasses import dataclass
from functools import partial

from bench.fleet import Fleet
from bench.quantiles import median
from bench.report import Report, say
from bench.rounds import interleaved
from bench.stage import QUEUE, Stage
from bench.systems import LEEWARD, PLAIN, System

TARGET_GROWTH = 1.1
WARM_UP = 1_000
DELAY_MS = 3_600_000
LOOKS, LOOK_SECONDS, STEADY_WITHIN, PATIENCE_SECONDS = 5, 0.4, 0.005, 20.0
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    jobs: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Resident bytes of a fleet's worker processes together."""

    idle: int
    waiting: int

    @property
    def factor(self) -> float:
        return self.waiting / self.idle


FULL = Plan(jobs=100_000, rounds=3)
QUICK = Plan(jobs=25_000, rounds=1)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    rounds = interleaved(
        plan.rounds, {system.name: partial(_growth, stage, system, plan) for system in (PLAIN, LEEWARD)}
    )
    plain, ours = (median([growth.factor for growth in rounds[system.name]]) for system in (PLAIN, LEEWARD))
    return Report(
        bench="memory",
        unit="RSS / idle RSS",
        plain=plain,
        leeward=ours,
        ratio=plain / ours,
        target=f"<= {TARGET_GROWTH}x idle RSS with {FULL.jobs:,} delayed jobs",
        met=ours <= TARGET_GROWTH,
        details={
            "delayed_jobs": plan.jobs,
            "processes": 2,
            "rounds_mib": {
                name: [[growth.idle / MIB, growth.waiting / MIB] for growth in growths]
                for name, growths in rounds.items()
            },
        },
    )


def _growth(stage: Stage, system: System, plan: Plan) -> Growth:
    """The jobs come while the workers are up: those may take what they like."""
    stage.clear()
    broker = system.producer(stage.url, [QUEUE])
    with stage.fleet(system) as fleet:
        for _ in range(WARM_UP):
            broker.get_actor("no_op").send(-1)
        stage.wait_until_drained(system)
        idle = _steady_rss(fleet)
        for number in range(plan.jobs):
            broker.get_actor("due").send_with_options(args=(number,), delay=DELAY_MS)
        growth = Growth(idle, _steady_rss(fleet))
    say(
        f"{system.name}: {growth.idle / MIB:.1f} MiB idle, {growth.waiting / MIB:.1f} MiB with {plan.jobs:,} delayed jobs"
    )
    return growth


def _steady_rss(fleet: Fleet) -> int:
    """The fleet's resident memory, once it has stopped changing or patience is over."""
    looks: deque[int] = deque(maxlen=LOOKS)
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        looks.append(fleet.rss_bytes())
        if len(looks) == LOOKS and max(looks) - min(looks) <= STEADY_WITHIN * looks[-1]:
            break
        time.sleep(LOOK_SECONDS)
    return looks[-1]
