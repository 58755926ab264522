"""The same client for event loops."""

from collections.abc import Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from leeward.cancellation import Cancellation
from leeward.client.arguments import seconds_of
from leeward.client.core import Core
from leeward.client.gathering import GatheringCore
from leeward.client.sync_client import TIMEOUT
from leeward.errors import IdempotencyConflict, NoWorker, ProviderDisabled, QueueFull
from leeward.flows.batch import Batch, BatchStatus
from leeward.jobs.job import Job
from leeward.jobs.priority import Priority, PriorityName
from leeward.request import Enqueued, Request
from leeward.status import JobStatus
from leeward.wire.steps import Answer, Steps
from leeward.wire.valkey.event_loop.link import Link
from leeward.wire.valkey.event_loop.performing import perform

if TYPE_CHECKING:
    from leeward.idempotent_call.async_once import AsyncCalls


class AsyncLeeward:
    """`Leeward` for `asyncio`: the same methods, awaited, on one connection and without a thread. One per event loop is enough.

    Jobs that tasks enqueue at the same time travel together in one call to Valkey; each caller gets its own answer or error.

    Args:
        url, timeout: as for `Leeward`.

    Raises:
        InvalidAddress: the URL cannot be used, with what to write instead.

    Example:
        >>> async with AsyncLeeward("redis://127.0.0.1:6379/0") as fleet:
        ...     await fleet.enqueue(SyncInvoice(number="INV-7"), idempotency_key="order-17")
    """

    def __init__(self, url: str, *, timeout: timedelta = TIMEOUT) -> None:
        self._limit_seconds = seconds_of(timeout)
        self._link = Link(url)
        self._core: Core = GatheringCore(self._link, self._limit_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        self._link.close()

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
        """`Leeward.enqueue`, awaited."""
        request = Request(
            job, idempotency_key, delay, priority, deadline, partition, run_at, request_id, traceparent, tags, then
        )
        return await self._run(self._core.enqueue(request, wait=wait, require_worker=require_worker))

    async def enqueue_many(
        self, requests: Iterable[Request | Job], *, wait: timedelta = timedelta(0), require_worker: bool = False
    ) -> list[Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled]:
        """`Leeward.enqueue_many`, awaited."""
        return await self._run(self._core.enqueue_many(requests, wait=wait, require_worker=require_worker))

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
        """`Leeward.enqueue_batch`, awaited."""
        follow_ups = {"on_done": on_done, "on_success": on_success}
        steps = self._core.enqueue_batch(requests, follow_ups, key=key, wait=wait, require_worker=require_worker)
        return await self._run(steps)

    async def batch(self, batch_id: str) -> BatchStatus:
        """`Leeward.batch`, awaited."""
        return await self._run(self._core.batch(batch_id))

    async def unserved(self, queue: str) -> NoWorker | None:
        """`Leeward.unserved`, awaited."""
        return await self._run(self._core.unserved(queue))

    async def status(self, job_id: str) -> JobStatus:
        """`Leeward.status`, awaited."""
        return await self._run(self._core.status(job_id))

    async def result(self, job_id: str, *, timeout: timedelta = timedelta(seconds=30)) -> Any:  # noqa: ASYNC109 # as in `Leeward`
        """`Leeward.result`, awaited."""
        return await self._run(self._core.result(job_id, timeout=timeout))

    async def cancel(self, job_id: str, *, running: bool = True, wait: timedelta = timedelta(0)) -> Cancellation:
        """`Leeward.cancel`, awaited."""
        return await self._run(self._core.cancel(job_id, running=running, wait=wait))

    @property
    def _calls(self) -> "AsyncCalls":
        """For `leeward.once`."""
        from leeward.idempotent_call.valkey_calls import AsyncValkeyCalls

        return AsyncValkeyCalls(self._run)

    def _run(self, steps: Steps[Answer]) -> Coroutine[Any, Any, Answer]:
        return perform(self._link, steps, self._limit_seconds)
