"""`Leeward` without a server."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from leeward.cancellation import Cancellation
from leeward.client import Leeward
from leeward.errors import IdempotencyConflict, NoWorker, ProviderDisabled, QueueFull
from leeward.flows.batch import Batch, BatchStatus
from leeward.jobs.job import Job
from leeward.jobs.priority import Priority, PriorityName
from leeward.request import Enqueued, Request
from leeward.status import JobStatus
from leeward.testing.fake.answers import Answers
from leeward.testing.fake.assertions import FakeControls
from leeward.testing.fake.calls import FakeCalls
from leeward.testing.fake.fleet import FakeFleet
from leeward.testing.fake.run import Handlers


class FakeLeeward(FakeControls, Leeward):
    """Answers as a fleet does, from memory: it validates, keeps idempotency keys, and knows every job's state. No job runs by itself.

    What it refuses, the real one refuses, with the same error. Not thread-safe.

    Args:
        now: the fleet's time at the start; this machine's otherwise.
        handlers: what workers would do. With them, `result` runs jobs while it waits.

    Example:
        >>> fleet = FakeLeeward()
        >>> place_order("INV-7", fleet=fleet)
        >>> fleet.assert_enqueued(SyncInvoice, number="INV-7")
        >>> fleet.run_all({SyncInvoice: lambda job: {"lines": 1}})
    """

    def __init__(
        self, *, now: datetime | None = None, handlers: Handlers | None = None, fleet: FakeFleet | None = None
    ) -> None:
        self.fleet = fleet or FakeFleet(now)
        self._answers = Answers(self.fleet, handlers or {})

    def close(self) -> None:
        """Nothing is open. The jobs stay."""

    def enqueue(
        self,
        job: Job,
        *,
        idempotency_key: str | None = None,
        delay: timedelta | None = None,
        priority: Priority | PriorityName | None = None,
        deadline: timedelta | datetime | None = None,
        partition: str | None = None,
        run_at: datetime | None = None,
        request_id: str | None = None,
        traceparent: str | None = None,
        tags: Sequence[str] = (),
        then: Job | Request | Sequence[Job | Request] = (),
        wait: timedelta = timedelta(0),
        require_worker: bool = False,
    ) -> Enqueued:
        request = Request(
            job, idempotency_key, delay, priority, deadline, partition, run_at, request_id, traceparent, tags, then
        )
        return self._answers.enqueue(request, require_worker=require_worker)

    def enqueue_many(
        self, requests: Iterable[Request | Job], *, wait: timedelta = timedelta(0), require_worker: bool = False
    ) -> list[Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled]:
        return self._answers.enqueue_many(requests, require_worker=require_worker)

    def enqueue_batch(
        self,
        requests: Iterable[Request | Job],
        *,
        on_done: Request | Job | None = None,
        on_success: Request | Job | None = None,
        key: str | None = None,
        wait: timedelta = timedelta(0),
        require_worker: bool = False,
    ) -> Batch:
        follow_ups = {"on_done": on_done, "on_success": on_success}
        return self._answers.enqueue_batch(requests, follow_ups, key=key, require_worker=require_worker)

    def batch(self, batch_id: str) -> BatchStatus:
        return self._answers.batch(batch_id)

    def unserved(self, queue: str) -> NoWorker | None:
        return self._answers.unserved(queue)

    def status(self, job_id: str) -> JobStatus:
        return self._answers.status(job_id)

    def result(self, job_id: str, *, timeout: timedelta = timedelta(seconds=30)) -> Any:
        """As the real one, but it does not sleep: without `handlers`, it raises `ResultTimeout` at once for a job that has not ended."""
        return self._answers.result(job_id, timeout)

    def cancel(self, job_id: str, *, running: bool = True, wait: timedelta = timedelta(0)) -> Cancellation:
        """As the real one. A job runs only while its handler does, so it is the handler that can cancel a running one, and no one waits."""
        return self._answers.cancel(job_id, running=running)

    @property
    def _calls(self) -> FakeCalls:
        return self.fleet.calls
