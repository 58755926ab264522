"""What this process holds: every delivery between its admission and the record of its end."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable

from broker.delivery.delivery import Delivery
from broker.session.prefetch import room
from broker.session.throughput import Throughput


class InFlight:
    """Counts for the prefetch depth, and the list of leases to renew. Thread-safe."""

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.threads = threads
        self._clock = clock
        self._lock = threading.Lock()
        self._leased: dict[str, Delivery] = {}
        self._sure_until: dict[str, float] = {}
        self._unfinished_by_queue: defaultdict[str, int] = defaultdict(int)
        self._handed_out: defaultdict[str, int] = defaultdict(int)
        self._pace: defaultdict[str, Throughput] = defaultdict(Throughput)

    def take(self, deliveries: Iterable[Delivery], sure_until: float) -> None:
        """Records what was admitted, and until when no other process can have it, on our clock."""
        with self._lock:
            for delivery in deliveries:
                self._leased[delivery.message_id] = delivery
                self._sure_until[delivery.message_id] = sure_until
                self._unfinished_by_queue[delivery.queue_name] += 1

    def hand_out(self, delivery: Delivery, cap: int) -> bool:
        """Notes that a thread is about to get a delivery. False when its provider has as many threads as it may have."""
        with self._lock:
            if cap < self.threads and self._handed_out[delivery.provider] >= cap:
                return False
            self._handed_out[delivery.provider] += 1
            delivery.handed_out = True
            return True

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
            if delivery.handed_out:
                self._handed_out[delivery.provider] -= 1
                self._pace[queue].add(self._clock())
            self._unfinished_by_queue[queue] -= 1
            return self._unfinished_by_queue[queue]

    def renew(self, deliveries: Iterable[Delivery], sure_until: float) -> None:
        """Notes that leases are ours for longer."""
        with self._lock:
            for delivery in deliveries:
                if self._leased.get(delivery.message_id) is delivery:
                    self._sure_until[delivery.message_id] = sure_until

    def is_sure_of(self, delivery: Delivery) -> bool:
        """Whether no other process can have this job yet. False after longer than a lease without Valkey, or while stopped."""
        job_id = delivery.message_id
        return self._leased.get(job_id) is delivery and self._sure_until.get(job_id, 0.0) > self._clock()

    def sure_until(self, delivery: Delivery) -> float | None:
        """Until when no other process can have this job, on our clock; None when it is not held any more."""
        job_id = delivery.message_id
        with self._lock:
            return self._sure_until.get(job_id) if self._leased.get(job_id) is delivery else None

    def drop(self, deliveries: Iterable[Delivery]) -> None:
        """Forgets leases that were settled or lost. A later delivery of the same job to this process stays."""
        with self._lock:
            for delivery in deliveries:
                if self._leased.get(delivery.message_id) is delivery:
                    del self._leased[delivery.message_id]
                    del self._sure_until[delivery.message_id]

    def get(self, job_id: str) -> Delivery | None:
        return self._leased.get(job_id)

    def leased(self) -> list[Delivery]:
        with self._lock:
            return list(self._leased.values())

    def is_empty(self) -> bool:
        """Whether this process holds no lease, and no thread runs a job, not even one whose lease is lost."""
        with self._lock:
            return not self._leased and not any(self._handed_out.values())

    def busy(self) -> list[float]:
        """When each job that a thread is running now was started, on the monotonic clock."""
        with self._lock:
            return [one.started for one in self._leased.values() if one.started is not None and not one.finished]

    def ended(self) -> dict[str, int]:
        """How many deliveries of each queue have ended since the process began."""
        with self._lock:
            return {queue: pace.total for queue, pace in self._pace.items()}

    def room(self, queue: str, provider: str, *, cap: int, ahead: bool) -> int:
        """See `broker.session.prefetch.room`. With a cap on the provider's threads, or where a guard counts what runs (not `ahead`), a
        process asks only for what it can start at once.
        """
        with self._lock:
            wanted = room(
                threads=self.threads,
                handed_out=sum(self._handed_out.values()),
                held_here=self._unfinished_by_queue[queue],
                finished_in_window=self._pace[queue].lately(self._clock()) if ahead else 0,
            )
            free = cap - self._handed_out[provider]
            return wanted if cap >= self.threads or (ahead and free > 0) else max(0, min(wanted, free))
