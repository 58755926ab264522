"""The client that other services use: enqueue, ask, wait, cancel."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from leeward.errors import (
    IdempotencyConflict,
    JobNotFound,
    NoWorker,
    ProviderDisabled,
    QueueFull,
    ResultTimeout,
    Unavailable,
)
from leeward.jobs.job import Job
from leeward.jobs.priority import Priority
from leeward.jobs.queue_name import provider_of
from leeward.request import Answer, Enqueued, Request, answer_to, entry_for
from leeward.status import JobState, JobStatus
from leeward.wire.entry import Entry, Verdict, submit
from leeward.wire.keys import QUEUES
from leeward.wire.lookup import cancel, find
from leeward.wire.permissions import of_producer, require
from leeward.wire.running import running_job
from leeward.wire.valkey.connection import connect
from leeward.wire.valkey.reconnect import pauses_within, persistently

if TYPE_CHECKING:
    from leeward.record import FleetRecord

_log = logging.getLogger("leeward")

FIRST_LOOK = timedelta(milliseconds=20)
LONGEST_LOOK = timedelta(seconds=1)
NOT_FOUND = "there is no job {}: it never existed, or its outcome is no longer kept"


class Leeward:
    """Enqueues jobs for a fleet and asks what became of them. Safe to share between threads; one per process is enough.

    Example:
        >>> fleet = Leeward("redis://127.0.0.1:6379/0")
        >>> fleet.enqueue(SyncInvoice(number="INV-7"), idempotency_key="order-17")
    """

    def __init__(self, url: str) -> None:
        self._client = connect(url)
        self._declared: set[str] = set()
        self._known: list[str] = []

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
        priority: Priority | None = None,
        deadline: timedelta | datetime | None = None,
        partition: str | None = None,
        wait: timedelta = timedelta(0),
        require_worker: bool = False,
    ) -> Enqueued:
        """Makes one job durable. Safe to repeat with the same idempotency key: the same payload answers with the job that is there.

        `partition` says whose job it is, a tenant or a user: partitions take turns, so that one with many jobs does not starve the others.

        `wait` is how long to wait for room where as many jobs wait as may (`max_waiting`).

        `require_worker` refuses a job whose queue no live worker serves. Otherwise it waits for one, and the log warns once a queue.

        Raises:
            NoWorker: no live worker serves its queue, and one was required.
            IdempotencyConflict: the key was used with another payload.
            MessageTooLarge: over 256 KiB encoded.
            QueueFull: as many jobs of the provider, or of the partition, wait as may, and none has left in time.
            ProviderDisabled: the provider is switched off.
            Unavailable: Valkey cannot be reached.
            NotPermitted: its user lacks a permission; nothing is enqueued.
            Invalid: an impossible option.
        """
        entry = entry_for(Request(job, idempotency_key, delay, priority, deadline, partition))
        if require_worker:
            self._require_workers({job.queue})
        if job.queue not in self._declared:
            self._declare({job.queue})
        outcome, pauses = self._submit_one(job.provider, entry), pauses_within(wait)
        while isinstance(outcome, QueueFull) and next(pauses):
            outcome = self._submit_one(job.provider, entry)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

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
        wanted = [request if isinstance(request, Request) else Request(request) for request in requests]
        entries = [entry_for(request) for request in wanted]
        outcomes: dict[int, Answer] = {}
        queues = {request.job.queue for request in wanted}
        if require_worker:
            self._require_workers(queues)
        self._declare(queues)
        left, pauses = _by_provider(wanted), pauses_within(wait)
        while left := {
            provider: refused
            for provider, positions in left.items()
            if (refused := self._submit(provider, positions, entries, outcomes))
        }:
            if not next(pauses):
                break
        return [outcomes[at] for at in range(len(wanted))]

    def _submit_one(self, provider: str, entry: Entry) -> Answer:
        refusals = submit(self._client, provider, [entry], exempt=running_job.get() is not None)
        return answer_to(provider, entry, refusals.get(0))

    def _submit(
        self, provider: str, positions: list[int], entries: list[Entry], outcomes: dict[int, Answer]
    ) -> list[int]:
        """Notes what became of these, and returns those for which there is no room."""
        exempt = running_job.get() is not None
        refusals = submit(self._client, provider, [entries[at] for at in positions], exempt=exempt)
        for offset, at in enumerate(positions):
            outcomes[at] = answer_to(provider, entries[at], refusals.get(offset))
        return [positions[offset] for offset, refusal in refusals.items() if refusal.verdict is Verdict.FULL]

    @cached_property
    def record(self) -> "FleetRecord":
        """What the fleet's workers have published: kinds, queues, providers. It raises `redis.RedisError`."""
        from leeward.record import FleetRecord

        return FleetRecord(self._client)

    def unserved(self, queue: str) -> NoWorker | None:
        """The warning about a queue that no live worker serves; None where one does, or may: those of older releases do not say.

        Raises:
            Unavailable: Valkey cannot be reached.
        """
        return persistently(lambda _: self.record.unserved(queue))

    def status(self, job_id: str) -> JobStatus:
        """Where a job is right now.

        Raises:
            JobNotFound: no provider knows it.
            Unavailable: Valkey cannot be reached.
        """
        found = persistently(lambda _: find(self._client, self._providers(), job_id))
        if found is None:
            raise JobNotFound(NOT_FOUND.format(job_id))
        return found

    def result(self, job_id: str, *, timeout: timedelta = timedelta(seconds=30)) -> Any:
        """Waits until a job is done and returns the actor's result, a JSON value.

        Raises:
            JobNotFound: no provider knows it.
            ResultTimeout: it did not end in time, or it ended without success; `status` says which.
            Unavailable: Valkey cannot be reached; ask again.
        """
        end = time.monotonic() + timeout.total_seconds()
        look_seconds = FIRST_LOOK.total_seconds()
        while True:
            status = self.status(job_id)
            if status.state is JobState.DONE:
                return status.result
            if status.state.is_final:
                raise ResultTimeout(
                    f"job {job_id} will have no result: it is {status.state} ({status.reason or 'no reason kept'})"
                )
            if time.monotonic() >= end:
                raise ResultTimeout(f"job {job_id} is still {status.state} after {timeout.total_seconds():g} s")
            time.sleep(look_seconds)
            look_seconds = min(look_seconds * 1.5, LONGEST_LOOK.total_seconds())

    def cancel(self, job_id: str) -> bool:
        """Takes a job off its queue or schedule and frees its idempotency key. False when it runs already or has ended.

        Raises:
            JobNotFound: no provider knows it.
            Unavailable: Valkey cannot be reached; the job may or may not be cancelled.
        """
        cancelled = persistently(lambda again: self._cancel(job_id, again=again))
        if cancelled is None:
            raise JobNotFound(NOT_FOUND.format(job_id))
        return cancelled

    def _cancel(self, job_id: str, *, again: bool) -> bool | None:
        cancelled = cancel(self._client, self._known, job_id, again=again) if self._known else None
        if cancelled is None:
            self._known = self._providers()
            cancelled = cancel(self._client, self._known, job_id, again=again)
        return cancelled

    def _providers(self) -> list[str]:
        return sorted(
            {provider_of(name.decode() if isinstance(name, bytes) else name) for name in self._client.smembers(QUEUES)}
        )

    def _require_permissions(self, provider: str) -> None:
        persistently(lambda _: require(self._client, provider, of_producer(provider)))

    def _declare(self, queues: set[str]) -> None:
        new = queues - self._declared
        if new:
            for provider in {provider_of(queue) for queue in new}:
                self._require_permissions(provider)
            persistently(lambda _: self._client.sadd(QUEUES, *new))
            self._declared |= new
            self._warn_of_unserved(new)

    def _require_workers(self, queues: set[str]) -> None:
        for queue in sorted(queues):
            if no_worker := self.unserved(queue):
                raise no_worker

    def _warn_of_unserved(self, queues: set[str]) -> None:
        for queue in sorted(queues):
            with suppress(Unavailable):  # the job is enqueued, or is not, whatever can be found out of workers
                if no_worker := self.unserved(queue):
                    _log.warning("%s; its jobs wait until one does", no_worker)


def _by_provider(requests: Sequence[Request]) -> dict[str, list[int]]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for at, request in enumerate(requests):
        groups[request.job.provider].append(at)
    return groups
