"""The client that other services use: enqueue, ask, wait, cancel."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from leeward.cancellation import Cancellation
from leeward.client.arguments import seconds_of
from leeward.client.core import Core
from leeward.errors import IdempotencyConflict, NoWorker, ProviderDisabled, QueueFull
from leeward.flows.batch import Batch, BatchStatus
from leeward.jobs.job import Job
from leeward.jobs.priority import Priority, PriorityName
from leeward.request import Enqueued, Request
from leeward.status import JobStatus
from leeward.wire.permissions import user_of
from leeward.wire.steps import Answer, Steps
from leeward.wire.valkey.connection import connect
from leeward.wire.valkey.performing import perform

if TYPE_CHECKING:
    from leeward.idempotent_call.calls import Calls

TIMEOUT = timedelta(seconds=5)
"""How long a call waits for Valkey, all in all."""


class Leeward:
    """Enqueues jobs for a fleet and asks what became of them. Safe to share between threads; one per process is enough.

    Args:
        url: of Valkey: `redis://`, `rediss://` (TLS) or `unix://`.
        timeout: how long a call waits for Valkey, all in all: connecting, asking, asking again. A server that accepts and is silent
            holds no one for longer. A call that sends many jobs has so long for each few hundred. What a call is to wait for beyond that
            (room in a queue, the end of a job) has its own limit.

    Raises:
        InvalidAddress: the URL cannot be used, with what to write instead.

    Example:
        >>> fleet = Leeward("redis://127.0.0.1:6379/0")
        >>> fleet.enqueue(SyncInvoice(number="INV-7"), idempotency_key="order-17")
    """

    def __init__(self, url: str, *, timeout: timedelta = TIMEOUT) -> None:
        self._limit_seconds = seconds_of(timeout)
        self._client = connect(url)
        self._core: Core = Core(user_of(self._client))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

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
        """Makes one job durable. Safe to repeat with the same idempotency key: the same payload answers with the job that is there.

        Args:
            job: what is to be done.
            idempotency_key: 1 to 255 characters; the same key and payload is the same job.
            delay: how long the job waits before it may start.
            priority: the lane, also as text; by default that of the kind.
            deadline: until when it is worth doing, an instant or a span from now; by default the kind's, from when it may start.
            partition: whose job it is, a tenant or a user: partitions take turns, so that one with many jobs does not starve the others.
            run_at: when it may start, in place of `delay`; an instant that is over means now.
            request_id: what caused it, in logs, statuses and dead letters; its own id by default, and in a job that of the running one.
            traceparent: W3C trace context of the caller; in a job that of the running one.
            tags: up to 8 texts of 64 characters by which people find it again: in its status, in lists and in dead letters.
            then: its follow-ups, each sent once when the job is done; none when it is dead or cancelled. A `Request` has options and
                follow-ups of its own. They travel with the job and count in its size.
            wait: how long to wait for room where as many jobs wait as may (`max_waiting`).
            require_worker: refuses a job whose queue no live worker serves. Otherwise it waits for one, and the log warns once a queue.

        Raises:
            NoWorker: no live worker serves its queue, and one was required.
            IdempotencyConflict: the key was used with another payload.
            MessageTooLarge: over 256 KiB encoded.
            QueueFull: as many jobs of the provider, or of the partition, wait as may, and none has left in time.
            ProviderDisabled: the provider is switched off.
            Unavailable: Valkey cannot be reached.
            NotPermitted: its user lacks a permission; nothing is enqueued.
            Invalid: what was passed is not a job, or an option is not what it must be; the text says what to pass.
        """
        request = Request(
            job, idempotency_key, delay, priority, deadline, partition, run_at, request_id, traceparent, tags, then
        )
        return self._run(self._core.enqueue(request, wait=wait, require_worker=require_worker))

    def enqueue_many(
        self, requests: Iterable[Request | Job], *, wait: timedelta = timedelta(0), require_worker: bool = False
    ) -> list[Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled]:
        """Makes many jobs durable, in one round trip per provider and few hundred jobs.

        `wait` is how long to wait for room where as many jobs wait as may. Jobs that have room do not wait for those that have none.
        `require_worker` enqueues nothing where no live worker serves one of the queues.

        Returns:
            One answer per request, in order; a conflict is an answer here, and so is a queue that is full or a provider that is switched
            off, so that it does not hide the others.

        Raises:
            MessageTooLarge, NoWorker, Invalid: before anything was enqueued.
            Unavailable: some may be enqueued; repeat the call with the same idempotency keys.
        """
        return self._run(self._core.enqueue_many(requests, wait=wait, require_worker=require_worker))

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
        """Makes many jobs durable that are counted together; they may be for several providers. `batch` shows how far they are.

        Args:
            requests: the jobs. Each becomes one of the batch, unless its idempotency key belongs to another job: that is not waited for.
            on_done: sent once, when no job of the batch is pending any more: each is done, dead or cancelled.
            on_success: sent once, when all are done, be it by replays of dead ones.
            key: the same key and jobs are the same batch: to be passed again when a call was interrupted.
            wait: how long to wait for room where as many jobs wait as may.
            require_worker: enqueues nothing where no live worker serves one of the queues.

        Raises:
            IdempotencyConflict: the key was used for a batch of other jobs.
            BatchIncomplete: some jobs were refused, for want of room or because a provider is switched off. The rest is enqueued; the
                follow-ups wait until the batch is enqueued again, with the key that the error has.
            MessageTooLarge, NoWorker, Invalid: before anything was enqueued.
            Unavailable: some may be enqueued; repeat the call with the same key.
        """
        follow_ups = {"on_done": on_done, "on_success": on_success}
        steps = self._core.enqueue_batch(requests, follow_ups, key=key, wait=wait, require_worker=require_worker)
        return self._run(steps)

    def batch(self, batch_id: str) -> BatchStatus:
        """How many jobs of a batch are pending, done, dead and cancelled.

        Raises:
            BatchNotFound: there is none, or nothing in it has changed for 30 days.
            Invalid: this is no id of a batch.
            Unavailable: Valkey cannot be reached.
        """
        return self._run(self._core.batch(batch_id))

    def unserved(self, queue: str) -> NoWorker | None:
        """The warning about a queue that no live worker serves; None where one does, or may: those of older releases do not say.

        Raises:
            Unavailable: Valkey cannot be reached.
        """
        return self._run(self._core.unserved(queue))

    def status(self, job_id: str) -> JobStatus:
        """Where a job is right now.

        Raises:
            JobNotFound: no provider knows it.
            Unavailable: Valkey cannot be reached.
        """
        return self._run(self._core.status(job_id))

    def result(self, job_id: str, *, timeout: timedelta = timedelta(seconds=30)) -> Any:
        """Waits until a job is done and returns the actor's result, a JSON value.

        Raises:
            JobNotFound: no provider knows it.
            JobFailed: it is dead; with the reason, the error and the id of the dead letter.
            JobCancelled: it was cancelled.
            ResultTimeout: it did not end in time.
            Unavailable: Valkey cannot be reached; ask again.
        """
        return self._run(self._core.result(job_id, timeout=timeout))

    def cancel(self, job_id: str, *, running: bool = True, wait: timedelta = timedelta(0)) -> Cancellation:
        """Takes a job off its queue or schedule and frees its idempotency key. A running one is to end at its next safe point
        (`begin_effect`, `report_progress`, a piece of a download, or wherever a busy thread is after half a second).

        `running=False` leaves a running job alone. `wait` is how long to wait for a running one to end.

        Returns:
            What happened. True as a condition only when the job has ended as cancelled.

        Raises:
            JobNotFound: no provider knows it.
            Unavailable: Valkey cannot be reached; the job may or may not be cancelled.
        """
        return self._run(self._core.cancel(job_id, running=running, wait=wait))

    @property
    def _calls(self) -> "Calls":
        """For `leeward.once`."""
        from leeward.idempotent_call.valkey_calls import ValkeyCalls

        return ValkeyCalls(self._run)

    def _run(self, steps: Steps[Answer]) -> Answer:
        return perform(self._client, steps, limit_seconds=self._limit_seconds)
