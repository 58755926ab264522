"""What a test can ask a fake fleet, and do to it: the same for threads and for event loops."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from leeward.errors import Conflict, JobNotFound
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.job import Job
from leeward.status import JobState
from leeward.testing.fake.conditions import Room
from leeward.testing.fake.fleet import FakeFleet
from leeward.testing.fake.job import FakeJob
from leeward.testing.fake.match import Wanted, select
from leeward.testing.fake.report import miscounted, not_found
from leeward.testing.fake.run import Handlers, as_json, run_all

WORKER = "fake:1"


class FakeControls:
    """The side of a fake that the test sees, and the service under test does not.

    Every assertion describes jobs by their class, or kind, and by fields: `assert_enqueued(SyncInvoice, number="INV-7")`. A job in
    place of the class must be equal in all fields. What counts as equal is `==`, or the same JSON. When one fails, its message shows how
    the nearest job differs.
    """

    fleet: FakeFleet

    @property
    def jobs(self) -> tuple[FakeJob, ...]:
        """Every job that was enqueued, in its order, whatever became of it."""
        return tuple(self.fleet.jobs)

    def jobs_of(self, what: type[Job] | str | Job, /, **fields: Any) -> list[FakeJob]:
        """The jobs of this description, in their order."""
        return select(self.fleet.jobs, Wanted(what, fields))

    def job(self, job_id: str) -> FakeJob:
        """One job.

        Raises:
            JobNotFound: there is none of this id.
        """
        for job in self.fleet.jobs:
            if job.job_id == job_id:
                return job
        raise JobNotFound(f"no job {job_id} was enqueued here")

    def assert_enqueued(self, what: type[Job] | str | Job, /, **fields: Any) -> FakeJob:
        """Exactly one such job was enqueued. It is returned: look at its options there, as `job.idempotency_key` and `job.delay`.

        Raises:
            AssertionError: none was, or several were.
        """
        __tracebackhide__ = True
        found = self.jobs_of(what, **fields)
        if not found:
            raise AssertionError(not_found(Wanted(what, fields), self.fleet.jobs))
        if len(found) > 1:
            raise AssertionError(miscounted(Wanted(what, fields), found, 1, self.fleet.jobs))
        return found[0]

    def assert_enqueued_times(self, times: int, what: type[Job] | str | Job, /, **fields: Any) -> list[FakeJob]:
        """So many such jobs were enqueued. They are returned.

        Raises:
            AssertionError: another number of them was.
        """
        __tracebackhide__ = True
        found = self.jobs_of(what, **fields)
        if len(found) != times:
            raise AssertionError(miscounted(Wanted(what, fields), found, times, self.fleet.jobs))
        return found

    def assert_not_enqueued(self, what: type[Job] | str | Job = Job, /, **fields: Any) -> None:
        """No such job was enqueued; without arguments, none at all.

        Raises:
            AssertionError: at least one was.
        """
        __tracebackhide__ = True
        found = self.jobs_of(what, **fields)
        if found:
            raise AssertionError(miscounted(Wanted(what, fields), found, 0, self.fleet.jobs))

    def run_all(self, handlers: Handlers, *, attempts: int = 1) -> list[FakeJob]:
        """Runs the jobs that are ready, and those that they enqueue, in the order in which workers would take them. Returns them.

        A job of a kind without a handler waits on, as one does whose queue no worker serves. Jobs with a delay wait for `advance`.

        In a handler, `begin_effect`, `report_progress`, `current_job` and `child_key` do what they do in a worker. What it raises decides
        about the job: `Permanent` makes it dead at once; an error that is the provider's, as `RateLimited`, lets it wait; any other spends
        an attempt. An `AssertionError` is the test's own, and ends it.

        Args:
            handlers: `{SyncInvoice: lambda job: {"number": job.number}}`.
            attempts: after so many failures a job is dead. Between them there are no pauses.
        """
        return run_all(self.fleet, handlers, attempts=attempts)

    def start(self, job_id: str, *, progress: Mapping[str, Any] | None = None) -> FakeJob:
        """A worker takes the job and runs it, until `complete` or `fail`.

        Raises:
            Conflict: it has ended.
        """
        job = self.job(job_id)
        if job.state.is_final:
            raise Conflict(f"job {job_id} ({job.kind}) has ended already: it is {job.state}")
        if job.state is JobState.SCHEDULED:
            self.fleet.make_ready(job)
        if job.state is JobState.READY:
            self.fleet.start(job, WORKER)
        job.progress = dict(progress) if progress is not None else job.progress
        return job

    def complete(self, job_id: str, result: Any = None) -> FakeJob:
        """A worker runs the job, and this is its result."""
        job = self.start(job_id)
        self.fleet.end(job, JobState.DONE, result=as_json(job, result))
        return job

    def fail(
        self, job_id: str, *, reason: DeadReason = DeadReason.EXHAUSTED, error: Exception | None = None
    ) -> FakeJob:
        """The job ends without success, as a dead letter. `error` is what its actor raised last."""
        job = self.start(job_id)
        job.error = error
        self.fleet.end(job, JobState.DEAD, reason=DeadReason(reason).value)
        return job

    def reach_safe_point(self, job_id: str) -> FakeJob:
        """The worker that runs a job reaches a safe point: where the job is to be cancelled, it ends there."""
        job = self.start(job_id)
        if job.cancelling:
            self.fleet.end_cancelled(job)
        return job

    @property
    def now(self) -> datetime:
        """The fleet's time. It stands still until it is moved."""
        return self.fleet.now

    def advance(self, span: timedelta) -> None:
        """Moves the fleet's clock: jobs become due, deadlines pass, results and keys are forgotten."""
        self.fleet.move_to(self.fleet.now + span)

    def move_to(self, instant: datetime) -> None:
        """Moves the fleet's clock to an instant.

        Raises:
            Invalid: it is in the past, or has no time zone.
        """
        self.fleet.move_to(instant)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Meanwhile every call raises `Unavailable`."""
        self.fleet.conditions.unreachable = True
        try:
            yield
        finally:
            self.fleet.conditions.unreachable = False

    @contextmanager
    def disabled(self, provider: str) -> Iterator[None]:
        """Meanwhile the provider is switched off: `ProviderDisabled`."""
        self.fleet.conditions.disabled.add(provider)
        try:
            yield
        finally:
            self.fleet.conditions.disabled.discard(provider)

    @contextmanager
    def limited(
        self, provider: str, *, max_waiting: int | None = None, partition_max_waiting: int | None = None
    ) -> Iterator[None]:
        """Meanwhile only so many jobs of the provider may wait: `QueueFull`."""
        self.fleet.conditions.rooms[provider] = Room(max_waiting, partition_max_waiting)
        try:
            yield
        finally:
            del self.fleet.conditions.rooms[provider]

    @contextmanager
    def without_worker(self, queue: str) -> Iterator[None]:
        """Meanwhile no worker serves the queue: `NoWorker`, where one is required."""
        self.fleet.conditions.unserved.add(queue)
        try:
            yield
        finally:
            self.fleet.conditions.unserved.discard(queue)
