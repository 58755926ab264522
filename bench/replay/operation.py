"""Replays of dead letters: jobs enqueued per second, a set velocity, kills of the runner, its memory."""

from dataclasses import dataclass

from bench.replay import speed, survival, velocity
from bench.replay.site import site
from bench.report import Report
from bench.stage import Stage

TARGET_PER_SECOND, TARGET_VELOCITY, TARGET_GROWTH = 2_000, 0.03, 1.2
PEERS_CRASH = 344_000
"""RQ's `requeue --all` of so many crashed midway (its issue 1963)."""
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    letters: int
    kills: int
    velocities: tuple[float, ...]
    velocity_seconds: float


FULL = Plan(letters=PEERS_CRASH, kills=3, velocities=(50, 500), velocity_seconds=30)
QUICK = Plan(letters=10_000, kills=1, velocities=(200,), velocity_seconds=8)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    with site(stage) as place:
        fast = speed.measure(place, plan.letters)
        kept = {rate: velocity.measure(place, rate, plan.velocity_seconds) for rate in plan.velocities}
        survived = survival.measure(place, plan.letters, plan.kills)
    worst = max(each.worst for each in kept.values())
    return Report(
        bench="replay",
        unit="jobs/s",
        plain=None,
        leeward=fast.per_second,
        ratio=None,
        target=f">= {TARGET_PER_SECOND:,}/s; a set velocity within {TARGET_VELOCITY:.0%}; every row once; memory <= {TARGET_GROWTH}x",
        met=fast.per_second >= TARGET_PER_SECOND and worst <= TARGET_VELOCITY and fast.growth <= TARGET_GROWTH,
        details={
            "letters": plan.letters,
            "set_fixed_seconds": fast.created_seconds,
            "velocity_off_at_worst": worst,
            "velocities": {f"{rate:g}/s": [each.whole, each.emptiest, each.fullest] for rate, each in kept.items()},
            "memory_growth": fast.growth,
            "memory_mib": [fast.early_bytes / MIB, fast.late_bytes / MIB],
            "kills": plan.kills,
            "killed_at": survived.kills,
            "survival_seconds": survived.seconds,
            "replayed_once": plan.letters,
        },
    )
