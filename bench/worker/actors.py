"""The jobs that are measured. They do nothing but leave a trace of themselves."""

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import dramatiq

from actors.declare import declare
from bench.worker import inside, trace
from leeward import SyncUser


def no_op(number: int) -> None:
    trace.RAN.append(number)


def stamp(sent_ns: int) -> None:
    """Notes how long it took from before the send to here."""
    trace.RAN.append(time.monotonic_ns() - sent_ns)


def due(number: int) -> None:
    """Notes when it started, at once."""
    trace.write(number, time.monotonic_ns())


def hold(number: int) -> None:
    """Notes who started it and when, at once; then stays until its process is killed, if that is one to be killed."""
    trace.write(number, time.monotonic_ns(), os.getpid())
    if inside.is_victim():
        time.sleep(3600)


def sync(payload: dict[str, Any]) -> None:
    """Never runs: what `enqueue` sends."""


def declare_actors(broker: dramatiq.Broker, queues: Sequence[str]) -> None:
    """Declares all of them on the first queue; a message may name any of the queues."""
    functions: tuple[Callable[[Any], None], ...] = (no_op, stamp, due, hold, sync)
    for function in functions:
        dramatiq.actor(broker=broker, queue_name=queues[0])(function)
    for queue in queues[1:]:
        broker.declare_queue(queue)


def declare_contract_actor(broker: dramatiq.Broker, queue: str) -> None:
    """A job of the contract, which Leeward validates. Plain Dramatiq has no such thing."""
    declare(broker, SyncUser, _count, queues=[queue])


def _count(job: SyncUser) -> None:
    trace.RAN.append(int(job.user))
