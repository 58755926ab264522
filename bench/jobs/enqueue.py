"""Jobs enqueued per second by one thread: one by one (actor.send, and the client) and in bulk, against plain's one by one."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import dramatiq

from bench.quantiles import median
from bench.report import Report, say
from bench.rounds import interleaved, times_faster
from bench.stage import QUEUE, Stage
from bench.systems import LEEWARD, LEEWARD_CLIENT, PLAIN, System
from leeward import Leeward, SyncUser

TARGET_SINGLE, TARGET_BULK = 1.0, 5.0
WARM_UP = 50


@dataclass(frozen=True, slots=True)
class Plan:
    single: int
    bulk: int
    rounds: int


FULL = Plan(single=4_000, bulk=20_000, rounds=11)
QUICK = Plan(single=2_000, bulk=10_000, rounds=7)


class NotThere(Exception):
    """Raised when the server does not have exactly what was enqueued: a figure from such a round would be a lie."""


@dataclass(frozen=True, slots=True)
class Bout:
    """One way to enqueue. `enqueue` makes that many jobs, payload and all, as an application would, and sends them."""

    name: str
    system: System
    enqueue: Callable[[int], None]
    jobs: int
    queue: str = QUEUE

    def rate(self, stage: Stage) -> float:
        stage.clear()
        self.system.use()
        self.enqueue(WARM_UP)
        began = time.monotonic()
        self.enqueue(self.jobs)
        rate = self.jobs / (time.monotonic() - began)
        there = stage.unfinished(self.system, self.queue) - WARM_UP
        if there != self.jobs:
            raise NotThere(f"{self.name} sent {self.jobs} jobs and the server has {there}")
        say(f"{self.name}: {rate:,.0f} jobs/s")
        return rate


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    with Leeward(stage.url) as client:
        bouts = _bouts(stage, plan, client)
        rates = interleaved(plan.rounds, {bout.name: partial(bout.rate, stage) for bout in bouts})
    return _report(plan, rates)


def _bouts(stage: Stage, plan: Plan, client: Leeward) -> Sequence[Bout]:
    queue = SyncUser(user="anyone").queue
    plain, ours = (_sending(system.producer(stage.url, [QUEUE])) for system in (PLAIN, LEEWARD))
    return (
        Bout("plain", PLAIN, plain, plan.single),
        Bout("leeward", LEEWARD, ours, plan.single),
        Bout("leeward_client", LEEWARD_CLIENT, partial(_one_by_one, client), plan.single, queue),
        Bout("leeward_bulk", LEEWARD_CLIENT, partial(_in_bulk, client), plan.bulk, queue),
    )


def _sending(broker: dramatiq.Broker) -> Callable[[int], None]:
    send = broker.get_actor("sync").send

    def enqueue(jobs: int) -> None:
        for number in range(jobs):
            send({"provider": "jellyfin", "user": f"user-{number}", "state": "enabled"})

    return enqueue


def _one_by_one(client: Leeward, jobs: int) -> None:
    for number in range(jobs):
        client.enqueue(SyncUser(user=f"user-{number}"))


def _in_bulk(client: Leeward, jobs: int) -> None:
    client.enqueue_many(SyncUser(user=f"user-{number}") for number in range(jobs))


def _report(plan: Plan, rates: dict[str, list[float]]) -> Report:
    ratios = {name: times_faster(rates[name], rates["plain"]) for name in rates}
    return Report(
        bench="enqueue",
        unit="jobs/s",
        plain=median(rates["plain"]),
        leeward=median(rates["leeward"]),
        ratio=ratios["leeward"],
        target=f">= {TARGET_SINGLE}x one by one (actor.send and client), >= {TARGET_BULK}x in bulk",
        met=min(ratios["leeward"], ratios["leeward_client"]) >= TARGET_SINGLE and ratios["leeward_bulk"] >= TARGET_BULK,
        details={
            "leeward_client": median(rates["leeward_client"]),
            "ratio_client": ratios["leeward_client"],
            "leeward_bulk": median(rates["leeward_bulk"]),
            "ratio_bulk": ratios["leeward_bulk"],
            "jobs_one_by_one": plan.single,
            "jobs_in_bulk": plan.bulk,
            "rounds": rates,
        },
    )
