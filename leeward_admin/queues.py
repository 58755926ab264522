"""The queues of a fleet, for people."""

from difflib import get_close_matches

import redis

from broker.fleet import queues
from broker.fleet.queues import QueueState
from leeward.actions import ListQueues
from leeward.errors import NotFound, NoWorker
from leeward.record import FleetRecord

__all__ = [
    "QueueState",
    "Queues",
    "UnknownQueue",
]


class UnknownQueue(NotFound):
    """Raised when a queue was never declared and never had a job.

    Attributes:
        queue: its name.
    """

    code = "queue_not_found"

    def __init__(self, queue: str, known: list[str]) -> None:
        close = get_close_matches(queue, known, n=1)
        hint = f": did you mean {close[0]}?" if close else ""
        super().__init__(f"there is no queue {queue}{hint}", actions=() if close else (ListQueues(),))
        self.queue = queue


class Queues:
    """Looks at queues and steers them. Thread-safe."""

    def __init__(self, client: redis.Redis, url: str = "") -> None:
        self._client = client
        self._url = url

    def states(self) -> list[QueueState]:
        """All of them, by name."""
        return queues.queue_states(self._client)

    def unserved(self) -> dict[str, NoWorker]:
        """The queues that no live worker serves, with what to say of them. Workers of older releases do not publish what they serve."""
        record = FleetRecord(self._client)
        found = {queue: record.known_unserved(queue) for queue in queues.known_queues(self._client)}
        return {queue: no_worker for queue, no_worker in found.items() if no_worker}

    def retire(self, queue: str) -> int:
        """Makes dead letters `unknown_actor` of the jobs that are ready in a queue which no live worker serves, and returns how many.

        Raises:
            UnknownQueue: no such queue.
            QueueServed: a live worker serves it, or may.
        """
        from leeward_admin.retirement import retire

        self._known(queue)
        return retire(self._client, self._url, queue)

    def remove(self, queue: str, *, who: str) -> None:
        """Forgets a queue that has no jobs and no worker. It is listed again when a producer or a worker declares it.

        Raises:
            UnknownQueue: no such queue.
            QueueServed: a live worker serves it, or may.
            QueueHasJobs: a job waits, is scheduled or runs.
        """
        from leeward_admin.queue_removal import remove

        self._known(queue)
        remove(self._client, queue, who)

    def require(self, queue: str) -> None:
        """Raises: UnknownQueue: no such queue."""
        self._known(queue)

    def providers(self) -> list[str]:
        """Every provider that has a queue."""
        return sorted({state.provider for state in self.states()})

    def pause(self, queue: str) -> QueueState:
        """Stops handing out its jobs, for the whole fleet, until `resume`. Idempotent.

        Raises:
            UnknownQueue: no such queue.
        """
        self._known(queue)
        queues.pause(self._client, queue)
        return self._state(queue)

    def resume(self, queue: str) -> QueueState:
        """Hands its jobs out again, at once. Idempotent.

        Raises:
            UnknownQueue: no such queue.
        """
        self._known(queue)
        queues.resume(self._client, queue)
        return self._state(queue)

    def _known(self, queue: str) -> None:
        known = queues.known_queues(self._client)
        if queue not in known:
            raise UnknownQueue(queue, known)

    def _state(self, queue: str) -> QueueState:
        return next(state for state in self.states() if state.queue == queue)
