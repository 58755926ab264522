"""The state of a fake fleet: what `enqueue.lua`, `cancel.lua` and `status.lua` do, in memory."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from leeward.cancellation import Cancellation
from leeward.errors import Invalid
from leeward.flows.follow_up import FLOW, sent_at
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.job import Job
from leeward.status import JobState
from leeward.testing.fake.calls import FakeCalls
from leeward.testing.fake.conditions import Conditions
from leeward.testing.fake.flows import FakeFlows
from leeward.testing.fake.job import FakeJob
from leeward.testing.fake.keys import Keys
from leeward.testing.fake.turns import Turns
from leeward.wire.entry import Entry, Refusal, Verdict
from leeward.wire.lookup import CANCELLED_KEPT
from leeward.wire.stamps import by_server_clock

OUTCOME_KEPT = timedelta(minutes=15)
"""How long `status` and `result` know a job that has ended: a fleet's own default."""


class FakeFleet:
    """Jobs, keys and a clock that stands still until it is moved. Not thread-safe.

    Attributes:
        now: the server's time.
        jobs: every job that was enqueued, in its order.
        flows: what follows when jobs end.
        calls: what `leeward.once` was asked for.
        conditions: what is wrong with the fleet.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self.now = _aware(now or datetime.now(UTC))
        self.jobs: list[FakeJob] = []
        self.conditions = Conditions()
        self.turns = Turns()
        self._by_id: dict[str, FakeJob] = {}
        self._ready: list[FakeJob] = []
        self._keys = Keys()
        self.flows = FakeFlows()
        self.calls = FakeCalls(self._reached_now)

    def move_to(self, instant: datetime) -> None:
        """Raises: Invalid: it is in the past, or has no time zone."""
        if _aware(instant) < self.now:
            raise Invalid(f"a fleet's clock never goes back: it is {self.now}, and {instant} is before that")
        self.now = instant
        due = [job for job in self.jobs if job.state is JobState.SCHEDULED and job.due and job.due <= instant]
        for job in sorted(due, key=lambda job: job.due or instant):
            self.make_ready(job)

    def add(self, job: Job, provider: str, entry: Entry, *, exempt: bool) -> Refusal | None:
        """Enqueues a job. Returns why not, where it was not."""
        if entry.job_id in self._by_id:
            return None
        refusal = self._keys.refusal(provider, entry, self.now) if entry.idempotency_key else None
        if refusal is None and not exempt:
            refusal = self.conditions.lack_of_room(self.live(), provider, entry)
        if refusal is None:
            self._keys.take(provider, entry)
            self._take(FakeJob(job, provider, self._by_our_clock(entry), self.now))
        return refusal

    def find(self, job_id: str) -> FakeJob | None:
        """None for a job that never was, or whose outcome is no longer kept."""
        job = self._by_id.get(job_id)
        if job is None or job.ended_at is None:
            return job
        kept = CANCELLED_KEPT if job.state is JobState.CANCELLED else OUTCOME_KEPT
        return job if self.now < job.ended_at + kept else None

    def cancel(self, job: FakeJob, *, running: bool) -> Cancellation:
        """A job that runs is to end at its handler's next safe point."""
        if job.state.is_final:
            return Cancellation.ENDED
        if job.state is JobState.RUNNING:
            if not running:
                return Cancellation.RUNNING
            if job.effect_begun:
                return Cancellation.TOO_LATE
            job.cancelling = True
            return Cancellation.CANCELLING
        self.end_cancelled(job)
        return Cancellation.CANCELLED

    def end_cancelled(self, job: FakeJob) -> None:
        if job.idempotency_key:
            self._keys.release(job.provider, job.idempotency_key)
        self._leave(job, JobState.CANCELLED)

    def live(self) -> Iterator[FakeJob]:
        return (job for job in self.jobs if not job.state.is_final)

    def ready(self) -> list[FakeJob]:
        """In the order in which they became ready."""
        return [job for job in self._ready if job.state is JobState.READY]

    def start(self, job: FakeJob, worker: str) -> None:
        self._ready.remove(job)
        job.state, job.due, job.worker = JobState.RUNNING, None, worker
        job.deliveries += 1
        job.effect_begun = False

    def make_ready(self, job: FakeJob) -> None:
        job.state, job.due = JobState.READY, None
        self._ready.append(job)

    def schedule(self, job: FakeJob, delay: timedelta) -> None:
        job.state, job.due = JobState.SCHEDULED, self.now + delay

    def end(self, job: FakeJob, state: JobState, *, result: Any = None, reason: str | None = None) -> None:
        """Ends a job as done or dead."""
        job.result, job.reason = result, reason
        if job.idempotency_key:
            self._keys.end(job.provider, job.idempotency_key, state.value, result, self.now)
        self._leave(job, state)

    def _take(self, job: FakeJob) -> None:
        self.jobs.append(job)
        self._by_id[job.job_id] = job
        if job.delay:
            self.schedule(job, job.delay)
        else:
            self.make_ready(job)

    def _leave(self, job: FakeJob, state: JobState) -> None:
        if job in self._ready:
            self._ready.remove(job)
        job.state, job.due, job.ended_at = state, None, self.now
        flow = job.message.options.get(FLOW)
        if flow is not None:
            self.send(self.flows.follow(flow, state, self.now))

    def send(self, follow_ups: Iterable[dict[str, Any]]) -> None:
        """Enqueues what follows. One whose idempotency key belongs to other work is a dead letter."""
        for found in follow_ups:
            provider, entry = sent_at(found, round(self.now.timestamp() * 1000))
            job = self.flows.job_of(found)
            refusal = self.add(job, provider, entry, exempt=True)
            if refusal is not None and refusal.verdict is Verdict.CONFLICT:
                unsent = FakeJob(job, provider, entry, self.now)
                unsent.state, unsent.reason, unsent.ended_at = JobState.DEAD, DeadReason.INVALID.value, self.now
                self.jobs.append(unsent)
                self._by_id[unsent.job_id] = unsent

    def _reached_now(self) -> datetime:
        self.conditions.reach()
        return self.now

    def _by_our_clock(self, entry: Entry) -> Entry:
        now_ms = round(self.now.timestamp() * 1000)
        delay_ms = max(0, entry.due_ms - now_ms) if entry.due_ms else entry.delay_ms
        message = by_server_clock(entry.message, entry.sent_ms, entry.span_ms, now_ms)
        return entry._replace(message=message, delay_ms=delay_ms)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise Invalid("the clock needs a time zone: use datetime(2026, 1, 31, 9, 0, tzinfo=UTC)")
    return instant
