"""Ten jobs due in two seconds behind 20,000 due in an hour: how many run, and how late."""

import time
from dataclasses import dataclass
from functools import partial

from bench.quantiles import median
from bench.report import Report, say
from bench.rounds import interleaved
from bench.stage import QUEUE, Stage
from bench.systems import LEEWARD, PLAIN, System
from bench.waiting import happens

TARGET_LATE_MS = 50.0
NEAR, FAR = 10, 20_000
NEAR_MS, FAR_MS = 2_000, 3_600_000


@dataclass(frozen=True, slots=True)
class Plan:
    """`patience_seconds`: how long to wait for jobs after they are due."""

    rounds: int
    patience_seconds: float


FULL = Plan(rounds=3, patience_seconds=25)
QUICK = Plan(rounds=1, patience_seconds=8)


class RanEarly(Exception):
    """Raised when a job started before it was due."""


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    rounds = interleaved(
        plan.rounds, {system.name: partial(_late_ms, stage, system, plan) for system in (PLAIN, LEEWARD)}
    )
    plain, ours = (_worst(rounds[system.name]) for system in (PLAIN, LEEWARD))
    latest = max((late for one in rounds["leeward"] for late in one), default=float("inf"))
    everything_ran = all(len(late) == NEAR for late in rounds["leeward"])
    return Report(
        bench="delay",
        unit="ms late, the latest of ten",
        plain=plain,
        leeward=ours,
        ratio=plain / ours if plain is not None and ours is not None else None,
        target=f"{NEAR} of {NEAR} start <= {TARGET_LATE_MS:g} ms late in every round",
        met=everything_ran and latest <= TARGET_LATE_MS,
        details={
            "plain_ran": [len(late) for late in rounds["plain"]],
            "leeward_ran": [len(late) for late in rounds["leeward"]],
            "of": NEAR,
            "behind": FAR,
            "waited_seconds": plan.patience_seconds,
            "plain_rounds": rounds["plain"],
            "leeward_rounds": rounds["leeward"],
        },
    )


def _late_ms(stage: Stage, system: System, plan: Plan) -> list[float]:
    """How late each near job started that did start."""
    stage.clear()
    actor = system.producer(stage.url, [QUEUE]).get_actor("due")
    with stage.fleet(system) as fleet:
        for number in range(FAR):
            actor.send_with_options(args=(NEAR + number,), delay=FAR_MS)
        due_ns = []
        for number in range(NEAR):
            due_ns.append(time.monotonic_ns() + NEAR_MS * 1_000_000)
            actor.send_with_options(args=(number,), delay=NEAR_MS)
        happens(lambda: len(fleet.lines()) >= NEAR, limit_seconds=NEAR_MS / 1000 + plan.patience_seconds)
        late = [(started_ns - due_ns[number]) / 1e6 for number, started_ns in fleet.lines()]
    if any(one < 0 for one in late):
        raise RanEarly(f"a job of {system.name} started {-min(late):.1f} ms before it was due")
    say(f"{system.name}: {len(late)} of {NEAR} ran" + (f", at most {max(late):.1f} ms late" if late else ""))
    return late


def _worst(rounds: list[list[float]]) -> float | None:
    """The median over the rounds of the latest start; None when a round left jobs waiting."""
    return median([max(late) for late in rounds]) if all(len(late) == NEAR for late in rounds) else None
