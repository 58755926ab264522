"""Removing a queue that is not used any more, on a person's word."""

import redis

from broker.fleet import queue_removal
from broker.fleet.operator_events import note
from leeward.actions import ListQueues
from leeward.errors import Conflict
from leeward.jobs.queue_name import provider_of
from leeward.record import FleetRecord
from leeward_admin.retirement import QueueServed


class QueueHasJobs(Conflict):
    """Raised when a queue is to be removed that has jobs.

    Attributes:
        queue: its name.
        jobs: how many wait, are scheduled or run.
    """

    code = "queue_has_jobs"

    def __init__(self, queue: str, jobs: int) -> None:
        advice = "cancel those that wait with `queue purge`, or make dead letters of them with `queue retire`"
        super().__init__(f"the queue {queue} has {jobs:,} jobs: {advice}", actions=(ListQueues(),))
        self.queue = queue
        self.jobs = jobs


def remove(client: redis.Redis, queue: str, who: str) -> None:
    """Forgets a queue: it is listed again when a producer or a worker declares it. Its dead letters stay.

    Raises:
        QueueServed: a live worker serves it, or may.
        QueueHasJobs: a job waits, is scheduled or runs.
        redis.RedisError: Valkey cannot be reached.
    """
    if FleetRecord(client).unserved(queue) is None:
        raise QueueServed(queue)
    if found := queue_removal.jobs_in(client, queue) or queue_removal.remove(client, queue):
        raise QueueHasJobs(queue, found)
    note(client, provider_of(queue), "queue_removed", f"the queue {queue} is not known any more", who)
