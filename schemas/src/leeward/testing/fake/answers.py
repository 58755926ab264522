"""What a fake client answers, whether its caller awaits it or not."""

from collections.abc import Iterable
from datetime import timedelta

from leeward.cancellation import Cancellation
from leeward.client.arguments import job_id_of, requests_of
from leeward.client.core import NOT_FOUND, Core, without_result
from leeward.errors import JobNotFound, NoWorker, ResultTimeout
from leeward.flows.batch import Batch, BatchStatus
from leeward.flows.plan import plan_batch
from leeward.jobs.job import Job
from leeward.jobs.queue_name import provider_of
from leeward.jobs.timing import span
from leeward.request import Answer, Enqueued, Request, answer_to, entry_for
from leeward.status import JobState, JobStatus
from leeward.testing.fake.fleet import FakeFleet
from leeward.testing.fake.job import FakeJob
from leeward.testing.fake.run import Handlers, run_all
from leeward.wire.entry import Entry
from leeward.wire.running import running_job
from leeward.wire.steps import Answer as Result
from leeward.wire.steps import Steps


class Answers(Core):
    """The operations of a client on a fake fleet, as steps of which none asks a server. It raises what the real client raises."""

    def __init__(self, fleet: FakeFleet, handlers: Handlers) -> None:
        super().__init__("default")
        self._fleet = fleet
        self._handlers = handlers

    def enqueue(self, request: Request, *, wait: timedelta, require_worker: bool) -> Steps[Enqueued]:
        yield from ()
        span("wait", wait)
        entry = entry_for(request)
        self._fleet.flows.learn([request])
        self._reach({request.job.queue}, require_worker=require_worker)
        answer = self._add(request.job, entry)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def enqueue_many(
        self, requests: Iterable[Request | Job], *, wait: timedelta, require_worker: bool
    ) -> Steps[list[Answer]]:
        yield from ()
        span("wait", wait)
        wanted = requests_of(requests)
        return self._add_all(wanted, [entry_for(request) for request in wanted], require_worker=require_worker)

    def enqueue_batch(
        self,
        requests: Iterable[Request | Job],
        follow_ups: dict[str, Request | Job | None],
        *,
        key: str | None,
        wait: timedelta,
        require_worker: bool,
    ) -> Steps[Batch]:
        yield from ()
        span("wait", wait)
        plan = plan_batch(requests, follow_ups, key=key)
        waiting = {name: follow_up for name, follow_up in plan.follow_ups.items() if follow_up is not None}
        fleet = self._fleet
        fleet.flows.learn([*plan.wanted, *(one for one in follow_ups.values() if one is not None)])
        ended = fleet.flows.make_known(plan.home, plan.key, plan.fingerprint, plan.members, waiting, fleet.now)
        left = [at for at in range(len(plan.wanted)) if at not in ended]
        wanted, entries = [plan.wanted[at] for at in left], [plan.entries[at] for at in left]
        batch, outside = plan.closed(ended, self._add_all(wanted, entries, require_worker=require_worker))
        fleet.send(fleet.flows.seal(plan.home, outside, fleet.now))
        return batch

    def batch(self, batch_id: str) -> Steps[BatchStatus]:
        yield from ()
        self._fleet.conditions.reach()
        return self._fleet.flows.status(batch_id)

    def unserved(self, queue: str) -> Steps[NoWorker | None]:
        yield from ()
        return self._no_worker(queue)

    def status(self, job_id: str) -> Steps[JobStatus]:
        yield from ()
        return self._job(job_id).status

    def cancel(self, job_id: str, *, running: bool, wait: timedelta) -> Steps[Cancellation]:
        yield from ()
        span("wait", wait)
        return self._fleet.cancel(self._job(job_id), running=running)

    def result(self, job_id: str, *, timeout: timedelta) -> Steps[object]:
        yield from ()
        span("timeout", timeout)
        if not self._job(job_id).state.is_final and self._handlers:
            self._let_workers_run(job_id, timeout)
        job = self._job(job_id)
        if job.state is JobState.DONE:
            return job.result
        if job.state.is_final:
            raise without_result(job.status) from job.error
        raise ResultTimeout(
            f"job {job_id} is still {job.state}: no job of a fake fleet runs by itself; call run_all({{{type(job.job).__name__}: ...}})"
            " before, or make the fake with FakeLeeward(handlers=...)"
        )

    def _let_workers_run(self, job_id: str, timeout: timedelta) -> None:
        """Until the job has ended, or the clock has reached the end of the timeout."""
        end = self._fleet.now + timeout
        run_all(self._fleet, self._handlers, attempts=1)
        while not self._job(job_id).state.is_final:
            due = min((job.due for job in self._fleet.live() if job.due is not None), default=end)
            self._fleet.move_to(min(due, end))
            run_all(self._fleet, self._handlers, attempts=1)
            if self._fleet.now >= end:
                return

    def _add_all(self, wanted: list[Request], entries: list[Entry], *, require_worker: bool) -> list[Answer]:
        self._fleet.flows.learn(wanted)
        self._reach({request.job.queue for request in wanted}, require_worker=require_worker)
        return [self._add(request.job, entry) for request, entry in zip(wanted, entries, strict=True)]

    def _add(self, job: Job, entry: Entry) -> Answer:
        provider = provider_of(job.queue)
        refusal = self._fleet.add(job, provider, entry, exempt=running_job.get() is not None)
        return answer_to(provider, entry, refusal)

    def _reach(self, queues: set[str], *, require_worker: bool) -> None:
        self._fleet.conditions.reach()
        if require_worker:
            for queue in sorted(queues):
                if no_worker := self._no_worker(queue):
                    raise no_worker

    def _no_worker(self, queue: str) -> NoWorker | None:
        self._fleet.conditions.reach()
        return self._fleet.conditions.no_worker(queue, {job.queue for job in self._fleet.jobs})

    def _job(self, job_id: str) -> FakeJob:
        self._fleet.conditions.reach()
        job = self._fleet.find(job_id_of(job_id))
        if job is None:
            raise JobNotFound(NOT_FOUND.format(job_id))
        return job


def answered(steps: Steps[Result]) -> Result:
    """What steps return that ask no server."""
    try:
        step = next(steps)
    except StopIteration as ended:
        returned: Result = ended.value
        return returned
    raise AssertionError(f"a fake fleet has no server for {step}")
