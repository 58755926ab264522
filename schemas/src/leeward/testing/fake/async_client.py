"""`AsyncLeeward` without a server."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from leeward.cancellation import Cancellation
from leeward.client import AsyncLeeward
from leeward.errors import IdempotencyConflict, NoWorker, ProviderDisabled, QueueFull
from leeward.flows.batch import Batch, BatchStatus
from leeward.jobs.job import Job
from leeward.jobs.priority import Priority, PriorityName
from leeward.request import Enqueued, Request
from leeward.status import JobStatus
from leeward.testing.fake.answers import Answers
from leeward.testing.fake.assertions import FakeControls
from leeward.testing.fake.calls import AsyncFakeCalls
from leeward.testing.fake.client import FakeLeeward
from leeward.testing.fake.fleet import FakeFleet
from leeward.testing.fake.run import Handlers


class FakeAsyncLeeward(FakeControls, AsyncLeeward):
    """`FakeLeeward` for event loops: what the service calls is awaited; assertions, `run_all` and the clock are not.

    Args:
        now, handlers: as for `FakeLeeward`.
    """

    def __init__(
        self, *, now: datetime | None = None, handlers: Handlers | None = None, fleet: FakeFleet | None = None
    ) -> None:
        self.fleet = fleet or FakeFleet(now)
        self._handlers = handlers or {}
        self._answers = Answers(self.fleet, self._handlers)

    @property
    def blocking(self) -> FakeLeeward:
        """A client of the same fleet that is not awaited, for handlers that enqueue: actors are plain functions."""
        return FakeLeeward(handlers=self._handlers, fleet=self.fleet)

    async def close(self) -> None:
        """Nothing is open. The jobs stay."""

    async def enqueue(
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

    async def enqueue_many(
        self, requests: Iterable[Request | Job], *, wait: timedelta = timedelta(0), require_worker: bool = False
    ) -> list[Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled]:
        return self._answers.enqueue_many(requests, require_worker=require_worker)

    async def enqueue_batch(
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

    async def batch(self, batch_id: str) -> BatchStatus:
        return self._answers.batch(batch_id)

    async def unserved(self, queue: str) -> NoWorker | None:
        return self._answers.unserved(queue)

    async def status(self, job_id: str) -> JobStatus:
        return self._answers.status(job_id)

    async def result(self, job_id: str, *, timeout: timedelta = timedelta(seconds=30)) -> Any:  # noqa: ASYNC109 # as in `Leeward`
        """As `FakeLeeward.result`."""
        return self._answers.result(job_id, timeout)

    async def cancel(self, job_id: str, *, running: bool = True, wait: timedelta = timedelta(0)) -> Cancellation:
        """As `FakeLeeward.cancel`."""
        return self._answers.cancel(job_id, running=running)

    @property
    def _calls(self) -> AsyncFakeCalls:
        return AsyncFakeCalls(self.fleet.calls)
