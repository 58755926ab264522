"""What a client does, as steps that threads and event loops perform alike."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from leeward.cancellation import Cancellation
from leeward.client.arguments import job_id_of, requests_of
from leeward.client.batches import batch_status, enqueue_batch
from leeward.client.ended import JobCancelled, JobFailed
from leeward.errors import (
    IdempotencyConflict,
    JobNotFound,
    NoWorker,
    ProviderDisabled,
    QueueFull,
    ResultTimeout,
    Unavailable,
)
from leeward.flows.batch import Batch, BatchStatus
from leeward.jobs.job import Job
from leeward.jobs.queue_name import provider_of
from leeward.jobs.timing import span
from leeward.request import Answer, Enqueued, Request, answer_to, entry_for
from leeward.status import JobState, JobStatus
from leeward.wire.clock_agreement import ClockAgreement
from leeward.wire.entry import Entry, Verdict, submission
from leeward.wire.keys import QUEUES
from leeward.wire.lookup import cancel, find
from leeward.wire.permissions import Permission, of_producer, require
from leeward.wire.running import running_job
from leeward.wire.steps import Pause, Steps, ask, persistently
from leeward.wire.valkey.reconnect import pauses_within

if TYPE_CHECKING:
    from leeward.record.fleet_record import LiveWorkers

_log = logging.getLogger("leeward")

FIRST_LOOK = timedelta(milliseconds=20)
LONGEST_LOOK = timedelta(seconds=1)
NO_TIME = timedelta(0)
NOT_FOUND = "there is no job {}: it never existed, or its outcome is no longer kept"


class Core:
    """The operations of `Leeward` and `AsyncLeeward`, and what a client remembers between them. Thread-safe.

    Args:
        user: the Valkey user of the address.
        clock: monotonic seconds.
    """

    def __init__(self, user: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._user = user
        self._clock = clock
        self._clocks = ClockAgreement()
        self._declared: set[str] = set()
        self._known: list[str] = []

    @cached_property
    def _workers(self) -> "LiveWorkers":
        from leeward.record.fleet_record import LiveWorkers

        return LiveWorkers(self._clock)

    def enqueue(self, request: Request, *, wait: timedelta, require_worker: bool) -> Steps[Enqueued]:
        if wait != NO_TIME:
            span("wait", wait)
        entry, provider, queue = entry_for(request), request.job.provider, request.job.queue
        if require_worker or queue not in self._declared:
            yield from self._prepare({queue}, require_worker=require_worker)
        answer = yield from self._submit_one(provider, entry)
        if isinstance(answer, QueueFull):
            for seconds in pauses_within(wait, clock=self._clock):
                yield Pause(seconds, restarts_limit=True)
                answer = yield from self._submit_one(provider, entry)
                if not isinstance(answer, QueueFull):
                    break
        if isinstance(answer, Exception):
            raise answer
        return answer

    def enqueue_many(
        self, requests: Iterable[Request | Job], *, wait: timedelta, require_worker: bool
    ) -> Steps[list[Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled]]:
        span("wait", wait)
        wanted = requests_of(requests)
        entries = [entry_for(request) for request in wanted]
        return (yield from self._enqueue_entries(wanted, entries, wait=wait, require_worker=require_worker))

    def enqueue_batch(
        self,
        requests: Iterable[Request | Job],
        follow_ups: dict[str, Request | Job | None],
        *,
        key: str | None,
        wait: timedelta,
        require_worker: bool,
    ) -> Steps[Batch]:
        span("wait", wait)
        enqueue_entries = partial(self._enqueue_entries, wait=wait, require_worker=require_worker)
        return (yield from enqueue_batch(enqueue_entries, requests, follow_ups, key=key))

    def batch(self, batch_id: str) -> Steps[BatchStatus]:
        return (yield from batch_status(batch_id))

    def _enqueue_entries(
        self,
        wanted: Sequence[Request],
        entries: list[Entry],
        *,
        wait: timedelta,
        require_worker: bool,
        repeated: bool = False,
    ) -> Steps[list[Answer]]:
        """Enqueues requests as these entries. With `repeated`, an earlier call may have done so."""
        answers: dict[int, Answer] = {}
        yield from self._prepare({request.job.queue for request in wanted}, require_worker=require_worker)
        left, pauses = _by_provider(wanted), pauses_within(wait, clock=self._clock)
        while left := (yield from self._submit(left, entries, answers, repeated=repeated)):
            seconds = next(pauses, None)
            if seconds is None:
                break
            yield Pause(seconds, restarts_limit=True)
        return [answers[at] for at in range(len(wanted))]

    def unserved(self, queue: str) -> Steps[NoWorker | None]:
        return (yield from persistently(lambda _: self._workers.unserved(queue)))

    def status(self, job_id: str) -> Steps[JobStatus]:
        job_id_of(job_id)
        found = yield from persistently(lambda _: self._find(job_id))
        if found is None:
            raise JobNotFound(NOT_FOUND.format(job_id))
        return found

    def result(self, job_id: str, *, timeout: timedelta) -> Steps[object]:
        end = self._clock() + span("timeout", timeout).total_seconds()
        look_seconds = FIRST_LOOK.total_seconds()
        while True:
            status = yield from self.status(job_id)
            if status.state is JobState.DONE:
                return status.result
            if status.state.is_final:
                raise without_result(status)
            if self._clock() >= end:
                raise ResultTimeout(f"job {job_id} is still {status.state} after {timeout.total_seconds():g} s")
            yield Pause(look_seconds, restarts_limit=True)
            look_seconds = min(look_seconds * 1.5, LONGEST_LOOK.total_seconds())

    def cancel(self, job_id: str, *, running: bool, wait: timedelta) -> Steps[Cancellation]:
        job_id_of(job_id)
        span("wait", wait)
        verdict = yield from persistently(lambda again: self._cancel(job_id, again=again, running=running))
        if verdict is None:
            raise JobNotFound(NOT_FOUND.format(job_id))
        end, look_seconds = self._clock() + wait.total_seconds(), FIRST_LOOK.total_seconds()
        while verdict is Cancellation.CANCELLING and self._clock() < end:
            yield Pause(look_seconds, restarts_limit=True)
            look_seconds = min(look_seconds * 1.5, LONGEST_LOOK.total_seconds())
            state = (yield from self.status(job_id)).state
            if state.is_final:
                return Cancellation.CANCELLED if state is JobState.CANCELLED else Cancellation.ENDED
        return verdict

    def _submit_one(self, provider: str, entry: Entry) -> Steps[Answer]:
        exempt = running_job.get() is not None
        refusals = yield from submission(self._clocks, provider, [entry], exempt=exempt)
        return answer_to(provider, entry, refusals.get(0))

    def _submit(
        self, positions: dict[str, list[int]], entries: list[Entry], answers: dict[int, Answer], *, repeated: bool
    ) -> Steps[dict[str, list[int]]]:
        """Notes what became of the entries at these positions, and returns those for which there is no room."""
        exempt, full = running_job.get() is not None, dict[str, list[int]]()
        for provider, places in positions.items():
            some = [entries[at] for at in places]
            refusals = yield from submission(self._clocks, provider, some, repeated=repeated, exempt=exempt)
            for offset, at in enumerate(places):
                answers[at] = answer_to(provider, entries[at], refusals.get(offset))
            if none := [places[offset] for offset, refusal in refusals.items() if refusal.verdict is Verdict.FULL]:
                full[provider] = none
        return full

    def _find(self, job_id: str) -> Steps[JobStatus | None]:
        return (yield from find((yield from self._providers()), job_id))

    def _cancel(self, job_id: str, *, again: bool, running: bool) -> Steps[Cancellation | None]:
        known = self._known
        verdict = (yield from cancel(known, job_id, again=again, running=running)) if known else None
        if verdict is None:
            self._known = yield from self._providers()
            verdict = yield from cancel(self._known, job_id, again=again, running=running)
        return verdict

    def _providers(self) -> Steps[list[str]]:
        names = yield from ask("SMEMBERS", QUEUES)
        return sorted({provider_of(name.decode()) for name in names})

    def _prepare(self, queues: set[str], *, require_worker: bool) -> Steps[None]:
        """Makes queues known that this client has not used yet."""
        if require_worker:
            for queue in sorted(queues):
                if no_worker := (yield from self.unserved(queue)):
                    raise no_worker
        new = queues - self._declared
        if new:
            for provider in {provider_of(queue) for queue in new}:
                needed = of_producer(provider)
                yield from persistently(partial(self._require, provider, needed))
            yield from persistently(lambda _: ask("SADD", QUEUES, *new))
            self._declared |= new
            yield from self._warn_of_unserved(new)

    def _require(self, provider: str, needed: list[Permission], _: bool) -> Steps[None]:
        return (yield from require(self._user, provider, needed))

    def _warn_of_unserved(self, queues: set[str]) -> Steps[None]:
        for queue in sorted(queues):
            with suppress(Unavailable):  # the job is enqueued, or is not, whatever can be found out of workers
                if no_worker := (yield from self.unserved(queue)):
                    _log.warning("%s; its jobs wait until one does", no_worker)


def without_result(status: JobStatus) -> JobFailed | JobCancelled:
    """The error for a job that has ended without one."""
    if status.state is JobState.CANCELLED:
        return JobCancelled(status.job_id)
    return JobFailed(status.job_id, status.reason or "reason unknown", status.error or {}, status.dead_letter_id)


def _by_provider(requests: Sequence[Request]) -> dict[str, list[int]]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for at, request in enumerate(requests):
        groups[request.job.provider].append(at)
    return groups
