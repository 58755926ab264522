"""A worker process is killed with 16 jobs in flight: how long until every one of them has started again elsewhere."""

import time
from contextlib import ExitStack
from dataclasses import dataclass

from bench.jobs.crash_trial import BUSY, IN_FLIGHT, QUIET, CrashTrial
from bench.quantiles import median
from bench.report import Report, say
from bench.stage import Stage
from bench.systems import LEEWARD, PLAIN

TARGET_SECONDS = 20.0
TICK_SECONDS = 0.05
NO_HEARTBEAT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """`patience_seconds`: how long to wait for missing jobs."""

    rounds: int
    patience_seconds: float


FULL = Plan(rounds=3, patience_seconds=180)
QUICK = Plan(rounds=1, patience_seconds=25)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    with ExitStack() as stack:
        trials = [
            stack.enter_context(CrashTrial(stage.beside(2 * number + offset), system))
            for number in range(plan.rounds)
            for offset, system in enumerate((PLAIN, LEEWARD))
        ]
        _crash(trials, plan.patience_seconds)
        plain, ours = ([trial for trial in trials if trial.system is system] for system in (PLAIN, LEEWARD))
        return _report(plan, plain, ours)


def _crash(trials: list[CrashTrial], patience_seconds: float) -> None:
    """All trials wait at the same time, each in a database of its own: waiting takes no processor."""
    for trial in trials:
        trial.kill()
    end = time.monotonic() + patience_seconds
    while time.monotonic() < end and not all(trial.is_over for trial in trials):
        for trial in trials:
            trial.keep_busy()
        time.sleep(TICK_SECONDS)
    for trial in trials:
        say(f"{trial.system.name}: " + ", ".join(f"{queue} queue {trial.verdict(queue)}" for queue in (BUSY, QUIET)))


def _report(plan: Plan, plain: list[CrashTrial], ours: list[CrashTrial]) -> Report:
    worst = [trial.seconds(queue) for trial in ours for queue in (BUSY, QUIET)]
    theirs, leeward = _all_back(plain), _all_back(ours)
    return Report(
        bench="crash",
        unit=f"s until all {IN_FLIGHT} jobs have started again",
        plain=theirs,
        leeward=leeward,
        ratio=theirs / leeward if theirs is not None and leeward is not None else None,
        target=f"<= {TARGET_SECONDS:g} s in every round, also on a queue without new jobs",
        met=all(seconds is not None and seconds <= TARGET_SECONDS for seconds in worst),
        details={
            "waited_seconds": plan.patience_seconds,
            "lease_seconds": 15,
            "plain_may_begin_after_seconds": NO_HEARTBEAT_SECONDS,
            "plain_missing": {queue: [trial.missing(queue) for trial in plain] for queue in (BUSY, QUIET)},
            "leeward_missing": {queue: [trial.missing(queue) for trial in ours] for queue in (BUSY, QUIET)},
            "plain_seconds": {queue: [trial.seconds(queue) for trial in plain] for queue in (BUSY, QUIET)},
            "leeward_seconds": {queue: [trial.seconds(queue) for trial in ours] for queue in (BUSY, QUIET)},
        },
    )


def _all_back(trials: list[CrashTrial]) -> float | None:
    """The median over the rounds of the slower queue; None when a round left jobs missing."""
    rounds = [[trial.seconds(queue) for queue in (BUSY, QUIET)] for trial in trials]
    slowest = [max(seconds for seconds in one if seconds is not None) for one in rounds if None not in one]
    return median(slowest) if len(slowest) == len(trials) else None
