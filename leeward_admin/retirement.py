"""Jobs in a queue that no worker serves any more, made dead letters: on a person's word, never by itself."""

import time
from collections.abc import Callable
from datetime import timedelta

import redis

from broker.broker import LeewardBroker
from broker.delivery.outcomes import Dead
from broker.fleet.queues import queue_states
from leeward.actions import ListQueues
from leeward.errors import Conflict, NoWorker
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.queue_name import provider_of
from leeward.record import FleetRecord
from leeward.wire.keys import ProviderKeys

THREADS = 32
"""As many jobs are in hand at once."""
LOOK_MS = 500
PATIENCE = timedelta(seconds=10)
"""How long it continues while the provider's guards let no job through."""


class QueueServed(Conflict):
    """Raised when a live worker serves a queue, or may: its jobs are not to be taken away.

    Attributes:
        queue: its name.
    """

    code = "queue_served"

    def __init__(self, queue: str) -> None:
        super().__init__(f"a live worker serves the queue {queue}, or may serve it", actions=(ListQueues(),))
        self.queue = queue


def retire(client: redis.Redis, url: str, queue: str, *, clock: Callable[[], float] = time.monotonic) -> int:
    """Makes dead letters `unknown_actor` of the jobs that are ready in a queue without a worker, and returns how many. They can be replayed
    when a worker is back. Scheduled jobs stay; the provider's guards hold back what they would hold back from a worker.

    Raises:
        QueueServed: a live worker serves the queue, or one of an older release may.
        Unavailable: Valkey cannot be reached; some may be dead letters.
    """
    no_worker = FleetRecord(client).unserved(queue)
    if no_worker is None:
        raise QueueServed(queue)
    broker = LeewardBroker(url, middleware=[])
    try:
        broker.declare_queue(queue)
        process = broker.sessions.open(THREADS).process
        retired = _retire(broker, no_worker, clock)
    finally:
        broker.close()
    # It has asked for jobs as a worker does, and is none.
    client.zrem(ProviderKeys(provider_of(queue)).workers, process)
    return retired


def _retire(broker: LeewardBroker, no_worker: NoWorker, clock: Callable[[], float]) -> int:
    consumer, retired, moved_at = broker.consume(no_worker.queue, timeout=LOOK_MS), 0, clock()
    # Without the queues that workers serve today: letters of one queue are one group, whenever they were retired.
    error = {"type": type(no_worker).__name__, "message": f"no worker serves the queue {no_worker.queue}"}
    outcome = Dead(DeadReason.UNKNOWN_ACTOR, error)
    while clock() - moved_at < PATIENCE.total_seconds():
        delivery = next(consumer)
        if delivery is not None:
            delivery.outcome = outcome
            consumer.nack(delivery)
            retired, moved_at = retired + 1, clock()
        elif not _waiting(broker.client, no_worker.queue):
            break
    consumer.close()
    return retired


def _waiting(client: redis.Redis, queue: str) -> int:
    return sum(sum(state.ready.values()) for state in queue_states(client) if state.queue == queue)
