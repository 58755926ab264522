"""Jobs enqueued per second by one thread: one by one (actor.send, the client, and the client of an event loop), by many tasks at once, and
in bulk. All against plain's one by one; those of the event loop also against the client's.
"""

import asyncio
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
from leeward import AsyncLeeward, Leeward, SyncUser

TARGET_SINGLE, TARGET_CLIENT, TARGET_BULK = 1.0, 1.4, 5.0
TARGET_ASYNC, TARGET_TASKS = 0.9, 3.0
"""Of the event loop: one by one against the client's, and by many tasks at once against its own one by one."""
TASKS = 50
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
    with Leeward(stage.url) as client, asyncio.Runner() as loop:
        awaited = AsyncLeeward(stage.url)
        bouts = (*_bouts(stage, plan, client), *_of_a_loop(plan, awaited, loop))
        rates = interleaved(plan.rounds, {bout.name: partial(bout.rate, stage) for bout in bouts})
        loop.run(awaited.close())
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


def _of_a_loop(plan: Plan, client: AsyncLeeward, loop: asyncio.Runner) -> Sequence[Bout]:
    queue = SyncUser(user="anyone").queue

    def enqueue(tasks: int, jobs: int) -> None:
        loop.run(_by_tasks(client, tasks, jobs))

    return (
        Bout("leeward_async", LEEWARD_CLIENT, partial(enqueue, 1), plan.single, queue),
        Bout("leeward_async_tasks", LEEWARD_CLIENT, partial(enqueue, TASKS), plan.bulk, queue),
    )


async def _by_tasks(client: AsyncLeeward, tasks: int, jobs: int) -> None:
    """So many tasks, each of which enqueues one job after the other until all have been."""
    numbers = iter(range(jobs))

    async def enqueue() -> None:
        for number in numbers:
            await client.enqueue(SyncUser(user=f"user-{number}"))

    await asyncio.gather(*(enqueue() for _ in range(tasks)))


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
    awaited = times_faster(rates["leeward_async"], rates["leeward_client"])
    tasks = times_faster(rates["leeward_async_tasks"], rates["leeward_async"])
    met = (
        ratios["leeward"] >= TARGET_SINGLE,
        ratios["leeward_client"] >= TARGET_CLIENT,
        ratios["leeward_bulk"] >= TARGET_BULK,
        awaited >= TARGET_ASYNC,
        tasks >= TARGET_TASKS,
    )
    return Report(
        bench="enqueue",
        unit="jobs/s",
        plain=median(rates["plain"]),
        leeward=median(rates["leeward"]),
        ratio=ratios["leeward"],
        target=(
            f"of plain: actor.send >= {TARGET_SINGLE}x, client >= {TARGET_CLIENT}x, in bulk >= {TARGET_BULK}x;"
            f" AsyncLeeward >= {TARGET_ASYNC}x the client, with {TASKS} tasks >= {TARGET_TASKS}x its own one by one"
        ),
        met=all(met),
        details={
            "leeward_client": median(rates["leeward_client"]),
            "ratio_client": ratios["leeward_client"],
            "leeward_bulk": median(rates["leeward_bulk"]),
            "ratio_bulk": ratios["leeward_bulk"],
            "leeward_async": median(rates["leeward_async"]),
            "ratio_async_to_client": awaited,
            "leeward_async_tasks": median(rates["leeward_async_tasks"]),
            "ratio_tasks_to_async": tasks,
            "jobs_one_by_one": plan.single,
            "jobs_in_bulk": plan.bulk,
            "rounds": rates,
        },
    )
