"""What the live workers say of themselves: extensions that keep one from starting, and queues whose jobs no worker takes."""

from collections.abc import Iterator
from contextlib import suppress

import redis

from broker.fleet.queues import queue_states
from leeward.actions import ListQueues
from leeward.record import FleetRecord
from leeward_admin.checks.check import Check, Verdict


def worker_checks(client: redis.Redis) -> list[Check]:
    """Empty when all is well, also while no worker runs and no job waits, and when the user may not read this: that is a check of its own.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    record = FleetRecord(client)
    found: list[Check] = []
    with suppress(redis.exceptions.NoPermissionError):  # the check of permissions has reported it
        found += _broken(record)
        found += _unserved(client, record)
    return found


def _broken(record: FleetRecord) -> Iterator[Check]:
    for process, catalogue in sorted(record.workers().items()):
        for name, why in catalogue.broken.items():
            detail = f"the worker process {process} did not start: the extension {name} cannot be used: {why}"
            yield Check("workers", Verdict.PROBLEM, detail)


def _unserved(client: redis.Redis, record: FleetRecord) -> Iterator[Check]:
    for state in queue_states(client):
        waiting = sum(state.ready.values())
        if waiting and (no_worker := record.unserved(state.queue)):
            detail = f"jobs waiting: {waiting}; {no_worker}"
            yield Check(f"queue {state.queue}", Verdict.WARNING, detail, actions=(ListQueues(),))
