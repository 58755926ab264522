"""What this process holds: every delivery between its admission and the record of its end."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable

from broker.delivery import Delivery
from broker.depth import room
from broker.pace import Pace


class Held:
    """Counts for the prefetch depth, and the list of leases to renew. Thread-safe."""

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.threads = threads
        self._clock = clock
        self._lock = threading.Lock()
        self._leased: dict[str, Delivery] = {}
        self._unfinished = 0
        self._unfinished_by_queue: defaultdict[str, int] = defaultdict(int)
        self._pace: defaultdict[str, Pace] = defaultdict(Pace)

    def take(self, deliveries: Iterable[Delivery]) -> None:
        """Notes what was admitted."""
        with self._lock:
            for delivery in deliveries:
                self._leased[delivery.message_id] = delivery
                self._unfinished += 1
                self._unfinished_by_queue[delivery.queue_name] += 1

    def finish(self, delivery: Delivery) -> int | None:
        """Notes that a delivery has ended; its lease is still ours until it is settled.

        Returns:
            How many of its queue remain; None when it had ended before, as a job that outlasts a drain does.
        """
        queue = delivery.queue_name
        with self._lock:
            if delivery.finished:
                return None
            delivery.finished = True
            self._unfinished -= 1
            self._unfinished_by_queue[queue] -= 1
            self._pace[queue].add(self._clock())
            return self._unfinished_by_queue[queue]

    def drop(self, job_ids: Iterable[str]) -> None:
        """Forgets leases that were settled or lost."""
        with self._lock:
            for job_id in job_ids:
                self._leased.pop(job_id, None)

    def get(self, job_id: str) -> Delivery | None:
        return self._leased.get(job_id)

    def leased(self) -> list[Delivery]:
        with self._lock:
            return list(self._leased.values())

    def busy(self) -> list[float]:
        """When each job that a thread is running now was started, on the monotonic clock."""
        with self._lock:
            return [one.started for one in self._leased.values() if one.started is not None and not one.finished]

    def room(self, queue: str) -> int:
        """See `broker.depth.room`."""
        with self._lock:
            return room(
                threads=self.threads,
                held=self._unfinished,
                held_here=self._unfinished_by_queue[queue],
                finished_in_window=self._pace[queue].lately(self._clock()),
            )
