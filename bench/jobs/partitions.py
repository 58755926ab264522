"""The server's time for `leeward queues`, a scrape, an admit and a cancel while 200,000 partitions have a job waiting."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.jobs.waiting_jobs import fill
from bench.quantiles import median
from bench.report import Report, say
from bench.stage import QUEUE, Stage
from broker.fleet.queues import queue_states
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward import Leeward
from leeward.jobs.queue_name import provider_of
from leeward.wire.keys import QUEUES, ProviderKeys
from leeward.wire.script import Script
from workers.monitoring.fleet.fleet_gauges import FleetGauges

TARGET_MS = 5.0
LIMIT = 50
_admit = Script("broker.scripts", "admit.lua")


@dataclass(frozen=True, slots=True)
class Plan:
    partitions: int
    rounds: int


FULL = Plan(partitions=200_000, rounds=50)
QUICK = Plan(partitions=50_000, rounds=20)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    stage.clear()
    stage.client.sadd(QUEUES, QUEUE)
    Guards(stage.client, provider_of(QUEUE)).declare(GuardConfig(limit=LIMIT * plan.rounds, partition_limit=1))
    ids = fill(stage, QUEUE, range(plan.partitions), lambda number: f"user-{number}")
    say(f"{plan.partitions:,} partitions wait")
    with Leeward(stage.url) as fleet:
        left = iter(reversed(ids))
        actions: dict[str, Callable[[], object]] = {
            "queues": lambda: queue_states(stage.client),
            "scrape": lambda: list(FleetGauges(stage.client, None).collect()),
            "admit": lambda: _ask(stage),
            "cancel": lambda: fleet.cancel(next(left)),
        }
        figures = {name: [_server_ms(stage, act) for _ in range(plan.rounds)] for name, act in actions.items()}
    for name, values in figures.items():
        say(f"{name}: median {median(values):.3f} ms, longest {max(values):.3f} ms")
    slowest = max(median(values) for values in figures.values())
    stage.clear()
    return Report(
        bench="partitions",
        unit="ms of the server's time, median of the slowest",
        plain=None,
        leeward=slowest,
        ratio=None,
        target=f"<= {TARGET_MS:g} ms for each",
        met=slowest <= TARGET_MS,
        details={
            "partitions": plan.partitions,
            "median_ms": {name: median(values) for name, values in figures.items()},
            "longest_ms": {name: max(values) for name, values in figures.items()},
        },
    )


def _ask(stage: Stage) -> object:
    root = ProviderKeys(provider_of(QUEUE)).root
    return _admit(stage.client, root, ["", QUEUE, 10, 600_000, "bench:1", 3, 900_000, 86_400_000])


def _server_ms(stage: Stage, act: Callable[[], object]) -> float:
    """By the server's own log of commands, in which a script is one command."""
    stage.client.config_set("slowlog-log-slower-than", 0)
    stage.client.config_set("slowlog-max-len", 1_000)
    stage.client.slowlog_reset()
    act()
    found = stage.client.slowlog_get(1_000)
    stage.client.config_set("slowlog-log-slower-than", 10_000)
    return sum(entry["duration"] for entry in found if not _is_ours(entry["command"])) / 1000


def _is_ours(command: bytes) -> bool:
    return command.upper().startswith((b"SLOWLOG", b"CONFIG"))
