"""10,000 jobs behind an open circuit: what the fleet asks of the server meanwhile, against ten jobs behind it."""

import time
from dataclasses import dataclass
from datetime import timedelta

import dramatiq

from bench.guards.site.commands import commands_per_second
from bench.guards.site.guarded import guarded, send_visit
from bench.guards.site.site import Site
from bench.report import Report, say
from bench.stage import Stage
from bench.waiting import wait_for
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward.jobs.priority import Priority
from leeward.wire.keys import ProviderKeys

QUEUE = "sync.site"
KEYS = ProviderKeys("site")
FEW, MANY = 10, 10_000
# Workers look by themselves at slightly random moments.
TOLERANCE = 1.1
SHUT = GuardConfig(open_for=timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class Plan:
    counted_seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """The jobs behind the door, by everything that fetching or moving one would change."""

    ready: list[bytes | str]
    scheduled: int
    leases: int
    deliveries: dict[bytes | str, bytes | str]


FULL = Plan(counted_seconds=60)
QUICK = Plan(counted_seconds=10)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    system = guarded({"site": SHUT})
    broker = system.producer(stage.url, [QUEUE])
    with Site() as site, stage.fleet(system, queues=[QUEUE], env=site.env):
        site.failing = True
        for number in range(FEW):
            send_visit(broker, QUEUE, number)
        wait_for(lambda: _is_shut(stage), "the circuit to open")
        few, moved_few = _behind_the_door(stage, plan)
        _fill_up(broker)
        many, moved_many = _behind_the_door(stage, plan)
    say(f"{few:.2f} commands/s with {FEW} jobs, {many:.2f} with {MANY:,}")
    return Report(
        bench="closed-door",
        unit=f"commands/s with {MANY:,} jobs waiting",
        plain=None,
        leeward=many,
        ratio=None,
        target=f"0 jobs fetched or moved, commands/s <= those with {FEW} jobs (within {TOLERANCE - 1:.0%})",
        met=moved_few == moved_many == 0 and many <= few * TOLERANCE,
        details={
            "commands_per_second_with_few": few,
            "few": FEW,
            "many": MANY,
            "jobs_fetched_or_moved": moved_few + moved_many,
            "counted_seconds": plan.counted_seconds,
            "processes": 2,
        },
    )


def _is_shut(stage: Stage) -> bool:
    """Open, and nothing on its way any more, be it a job that runs or one that is to be tried again."""
    now = _waiting(stage)
    return Guards(stage.client, "site").state().state == "open" and len(now.ready) == FEW


def _fill_up(broker: dramatiq.Broker) -> None:
    for number in range(FEW, MANY):
        send_visit(broker, QUEUE, number)
    time.sleep(1.0)


def _behind_the_door(stage: Stage, plan: Plan) -> tuple[float, int]:
    """Commands per second, and how many jobs were touched in any way."""
    before = _waiting(stage)
    rate = commands_per_second(stage.client, plan.counted_seconds)
    after = _waiting(stage)
    moved = sum(one != other for one, other in zip(before.ready, after.ready, strict=False))
    moved += abs(len(before.ready) - len(after.ready)) + after.scheduled + after.leases
    return rate, moved + len(before.deliveries.items() ^ after.deliveries.items())


def _waiting(stage: Stage) -> Waiting:
    client = stage.client
    return Waiting(
        ready=client.lrange(KEYS.ready(QUEUE, Priority.NORMAL), 0, -1),
        scheduled=client.zcard(KEYS.scheduled),
        leases=client.zcard(KEYS.leases),
        deliveries=client.hgetall(KEYS.deliveries),
    )
