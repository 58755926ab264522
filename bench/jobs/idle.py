"""Redis commands per second that one idle worker process sends, with a queue for each family."""

import time
from dataclasses import dataclass
from functools import partial

from bench.quantiles import median
from bench.report import Report, say
from bench.rounds import interleaved
from bench.stage import Stage
from bench.systems import LEEWARD, PLAIN, System

TARGET_PER_SECOND = 3.0
QUEUES = ("sync.jellyfin", "email.smtp", "download.http")
END = "that was it"


@dataclass(frozen=True, slots=True)
class Plan:
    """`rest_seconds`: how long the workers have been idle when counting begins."""

    rounds: int
    rest_seconds: float
    counted_seconds: float


FULL = Plan(rounds=3, rest_seconds=5, counted_seconds=20)
QUICK = Plan(rounds=1, rest_seconds=3, counted_seconds=10)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    rates = interleaved(plan.rounds, {system.name: partial(_rate, stage, system, plan) for system in (PLAIN, LEEWARD)})
    plain, ours = median(rates["plain"]), median(rates["leeward"])
    return Report(
        bench="idle",
        unit="commands/s",
        plain=plain,
        leeward=ours,
        ratio=plain / ours if ours else None,
        target=f"<= {TARGET_PER_SECOND} commands/s",
        met=ours <= TARGET_PER_SECOND,
        details={"queues": list(QUEUES), "counted_seconds": plan.counted_seconds, "rounds": rates},
    )


def _rate(stage: Stage, system: System, plan: Plan) -> float:
    stage.clear()
    with stage.fleet(system, queues=QUEUES, processes=1):
        time.sleep(plan.rest_seconds)
        rate = _sent(stage, plan.counted_seconds) / plan.counted_seconds
    say(f"{system.name}: {rate:.2f} commands/s")
    return rate


def _sent(stage: Stage, seconds: float) -> int:
    """Commands that clients sent. `INFO` would count those inside scripts, too, so this listens to MONITOR, which distinguishes them."""
    count = 0
    with stage.client.monitor() as monitor:
        time.sleep(seconds)
        stage.client.echo(END)
        for command in monitor.listen():
            if END in command["command"]:
                return count
            count += command["client_type"] != "lua"
    raise ConnectionError("MONITOR ended before the measurement did")
