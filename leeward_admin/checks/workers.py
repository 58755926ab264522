"""What the live workers say of themselves: extensions that keep one from starting, and queues whose jobs no worker takes."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import redis

from broker.fleet.overview import overview
from broker.fleet.processes import Role, processes
from broker.fleet.unserved import unserved_queues
from leeward.actions import ListQueues, StartScheduler, StartWorker
from leeward.record import Catalogue
from leeward.record.reader import workers
from leeward_admin.checks.check import Check, Verdict


def worker_checks(client: redis.Redis) -> list[Check]:
    """What there is to say of workers, schedulers and queues; empty when the user may not read this: that is a check of its own.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found: list[Check] = []
    with suppress(redis.exceptions.NoPermissionError):  # the check of permissions has reported it
        known = workers(client)
        found += _broken(known)
        found += _alive(client, known)
        found += _unserved(client, known)
    return found


def _broken(known: Mapping[str, Catalogue]) -> Iterator[Check]:
    for process, catalogue in sorted(known.items()):
        for name, why in catalogue.broken.items():
            detail = f"the worker process {process} did not start: the extension {name} cannot be used: {why}"
            yield Check("workers", Verdict.PROBLEM, detail)


def _alive(client: redis.Redis, known: Mapping[str, Catalogue]) -> Iterator[Check]:
    reports = processes(client)
    live = [one for one in reports if one.is_alive]
    names = {one.said.process for one in live if one.said.role is Role.WORKER}
    names |= {process for process, catalogue in known.items() if not catalogue.broken}
    if not names:
        yield Check("workers", Verdict.WARNING, "no worker is running: jobs wait", (StartWorker(),))
        return
    yield Check("workers", Verdict.OK, f"processes: {len(names)}")
    periodic = {name for catalogue in known.values() for name, actor in catalogue.actors.items() if actor.schedule}
    if periodic and not any(one.said.role is Role.SCHEDULER for one in live):
        detail = f"no scheduler is running: no tick is sent to {', '.join(sorted(periodic))}"
        yield Check("scheduler", Verdict.WARNING, detail, (StartScheduler(),))


def _unserved(client: redis.Redis, known: Mapping[str, Catalogue]) -> Iterator[Check]:
    found = overview(client)
    waiting = {queue.queue: queue.waiting for provider in found for queue in provider.queues}
    for queue, no_worker in unserved_queues(found, known).items():
        if waiting[queue]:
            detail = f"jobs waiting: {waiting[queue]}; {no_worker}"
            yield Check(f"queue {queue}", Verdict.WARNING, detail, actions=(ListQueues(),))
