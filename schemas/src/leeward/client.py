"""The client that other services use: enqueue, ask, wait, cancel."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from leeward.attempts import pauses_within, persistently
from leeward.connection import connect
from leeward.entry import Entry, Refusal, Verdict, entry_from, submit
from leeward.errors import IdempotencyConflict, JobNotFound, ProviderDisabled, QueueFull, ResultTimeout
from leeward.job import Job
from leeward.job_message import fields_for
from leeward.keys import QUEUES
from leeward.lookup import cancel, find
from leeward.permissions import of_producer, require
from leeward.priority import Priority
from leeward.queue_name import provider_of
from leeward.running import running_job
from leeward.status import JobState, JobStatus

FIRST_LOOK = timedelta(milliseconds=20)
LONGEST_LOOK = timedelta(seconds=1)
NOT_FOUND = "no provider knows job {}: it never was, or its outcome is no longer kept"


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What became of one enqueue.

    Attributes:
        job_id: the job that does the work: the new one, or the one that already held the idempotency key.
        duplicate: True when the key was taken by the same work, so that nothing was added.
        state: `live`, `done` or `dead` for a duplicate; `live` for a new job.
    """

    job_id: str
    provider: str
    duplicate: bool = False
    state: str = "live"


Answer = Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled


@dataclass(frozen=True, slots=True)
class Request:
    """A job with options of its own, for `Leeward.enqueue_many`."""

    job: Job
    idempotency_key: str | None = None
    delay: timedelta | None = None
    priority: Priority | None = None
    deadline: timedelta | datetime | None = None
    partition: str | None = None


class Leeward:
    """Enqueues jobs for a fleet and asks what became of them. Safe to share between threads; one per process is enough.

    Example:
        >>> fleet = Leeward("redis://127.0.0.1:6379/0")
        >>> fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")
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
    ) -> Enqueued:
        """Makes one job durable. Safe to repeat with the same idempotency key: the same payload answers with the job that is there.

        `partition` says whose job it is, a tenant or a user: partitions take turns, so that one with many jobs does not starve the others.

        `wait` is how long to wait for room where as many jobs wait as may (`max_waiting`).

        Raises:
            IdempotencyConflict: the key was used with another payload.
            MessageTooLarge: over 256 KiB encoded.
            QueueFull: as many jobs of the provider, or of the partition, wait as may, and none has left in time.
            ProviderDisabled: the provider is switched off.
            Unavailable: Valkey cannot be reached.
            NotPermitted: its user lacks a permission; nothing is enqueued.
            ValueError: an impossible option.
        """
        entry = _entry(Request(job, idempotency_key, delay, priority, deadline, partition))
        if job.queue not in self._declared:
            self._declare({job.queue})
        outcome, pauses = self._submit_one(job.provider, entry), None
        while isinstance(outcome, QueueFull):
            pauses = pauses or pauses_within(wait)
            if not next(pauses):
                break
            outcome = self._submit_one(job.provider, entry)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def enqueue_many(
        self, requests: Iterable[Request | Job], *, wait: timedelta = timedelta(0)
    ) -> list[Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled]:
        """Makes many jobs durable, in one round trip per provider and few hundred jobs.

        `wait` is how long to wait for room where as many jobs wait as may. Jobs that have room do not wait for those that have none.

        Returns:
            One answer per request, in order; a conflict is an answer here, and so is a queue that is full or a provider that is switched
            off, so that it does not hide the others.

        Raises:
            MessageTooLarge, ValueError: before anything was enqueued.
            Unavailable: some may be enqueued; repeat the call with the same idempotency keys.
        """
        wanted = [request if isinstance(request, Request) else Request(request) for request in requests]
        entries = [_entry(request) for request in wanted]
        outcomes: dict[int, Answer] = {}
        self._declare({request.job.queue for request in wanted})
        left, pauses = _by_provider(wanted), None
        while True:
            left = {
                provider: refused
                for provider, positions in left.items()
                if (refused := self._submit(provider, positions, entries, outcomes))
            }
            if not left:
                break
            pauses = pauses or pauses_within(wait)
            if not next(pauses):
                break
        return [outcomes[at] for at in range(len(wanted))]

    def _submit_one(self, provider: str, entry: Entry) -> Answer:
        refusals = submit(self._client, provider, [entry], exempt=running_job.get() is not None)
        return _answer(provider, entry, refusals.get(0))

    def _submit(
        self, provider: str, positions: list[int], entries: list[Entry], outcomes: dict[int, Answer]
    ) -> list[int]:
        """Notes what became of these, and returns those for which there is no room."""
        exempt = running_job.get() is not None
        refusals = submit(self._client, provider, [entries[at] for at in positions], exempt=exempt)
        for offset, at in enumerate(positions):
            outcomes[at] = _answer(provider, entries[at], refusals.get(offset))
        return [positions[offset] for offset, refusal in refusals.items() if refusal.verdict is Verdict.FULL]

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
            ResultTimeout: it did not end in time, or it ended without success; `status` tells.
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


def _entry(request: Request) -> Entry:
    return entry_from(_fields(request), _delay_ms(request.delay), is_span=not isinstance(request.deadline, datetime))


def _fields(request: Request) -> dict[str, Any]:
    # The job's own budget begins when it is due; a deadline that the caller gives is the caller's.
    deadline = request.deadline or request.job.default_deadline + (request.delay or timedelta(0))
    running = running_job.get()
    return fields_for(
        request.job,
        idempotency_key=request.idempotency_key,
        priority=request.priority,
        partition=request.partition,
        deadline=deadline,
        # What a running job enqueues belongs to the same story.
        request_id=None if running is None else running.options.get("request_id"),
        traceparent=None if running is None else running.options.get("traceparent"),
    )


def _delay_ms(delay: timedelta | None) -> int:
    if delay is None:
        return 0
    if delay < timedelta(0):
        raise ValueError(f"the delay is negative: {delay}")
    return int(delay.total_seconds() * 1000)


def _by_provider(requests: Sequence[Request]) -> dict[str, list[int]]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for at, request in enumerate(requests):
        groups[request.job.provider].append(at)
    return groups


def _answer(provider: str, entry: Entry, refusal: Refusal | None) -> Answer:
    if refusal is None:
        return Enqueued(entry.job_id, provider)
    if no_room := refusal.no_room(provider):
        return no_room
    if refusal.verdict is Verdict.CONFLICT:
        return IdempotencyConflict(entry.idempotency_key, refusal.job_id)
    return Enqueued(refusal.job_id, provider, duplicate=True, state=refusal.state)
