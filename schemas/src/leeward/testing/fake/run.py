"""Runs the jobs of a fake fleet with the handlers of a test."""

import os
import socket
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pydantic_core import from_json, to_json

from leeward.errors import Invalid
from leeward.extension.cancel_requested import CancelRequested
from leeward.extension.errors import Permanent, ProviderError, wait_after
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.job import Job
from leeward.status import JobState
from leeward.testing.fake.delivery import lateness, running
from leeward.testing.fake.fleet import FakeFleet
from leeward.testing.fake.job import FakeJob

Handlers: TypeAlias = Mapping[type[Job] | str, Callable[[Any], Any]]
"""Job class, or kind -> what the fleet's actor does, for this test: it takes the job and returns its result."""

MOST_JOBS = 10_000
"""A handler that always enqueues another job would never come to an end."""


def run_all(fleet: FakeFleet, handlers: Handlers, *, attempts: int) -> list[FakeJob]:
    """See `FakeLeeward.run_all`."""
    by_kind = {_kind(key): handler for key, handler in handlers.items()}
    ran: list[FakeJob] = []
    while (job := fleet.turns.next([job for job in fleet.ready() if job.kind in by_kind])) is not None:
        if len(ran) >= MOST_JOBS:
            raise RuntimeError(f"{MOST_JOBS} jobs ran and there are more: does a handler enqueue its own job again?")
        run(fleet, job, by_kind[job.kind], attempts=attempts)
        ran.append(job)
    return ran


def run(fleet: FakeFleet, job: FakeJob, handler: Callable[[Any], Any], *, attempts: int) -> None:
    """Runs one job once and gives it its next state.

    Raises:
        AssertionError: the handler's, which is the test's.
    """
    fleet.start(job, f"{socket.gethostname()}:{os.getpid()}")
    if late := lateness(job, fleet.now):
        job.error = late
        fleet.end(job, JobState.DEAD, reason=DeadReason.EXPIRED.value)
        return
    try:
        with running(job):
            result = handler(_as_delivered(job))
    except AssertionError:
        raise
    except CancelRequested:
        fleet.end_cancelled(job)
    except Exception as error:
        _fail(fleet, job, error, attempts)
    else:
        fleet.end(job, JobState.DONE, result=as_json(job, result))


def _kind(key: type[Job] | str) -> str:
    return key if isinstance(key, str) else key.kind


def _as_delivered(job: FakeJob) -> Job:
    """The job after its way through JSON, as an actor receives it."""
    return type(job.job).from_payload(job.message.kwargs["payload"])[0]


def as_json(job: FakeJob, result: object) -> Any:
    """A result as the fleet keeps it.

    Raises:
        Invalid: it is not JSON.
    """
    try:
        return from_json(to_json(result))
    except ValueError as error:
        raise Invalid(
            f"the handler of {job.kind} returned what is not JSON, and a fleet keeps JSON only: {error}"
        ) from error


def _fail(fleet: FakeFleet, job: FakeJob, error: Exception, attempts: int) -> None:
    job.error = error
    if job.cancelling:
        fleet.end_cancelled(job)
        return
    if (wait := wait_after(error)) is not None:
        fleet.schedule(job, wait)
        return
    if isinstance(error, Permanent):
        fleet.end(job, JobState.DEAD, reason=DeadReason.PERMANENT.value)
        return
    job.attempts += 1
    if job.attempts >= attempts:
        fleet.end(job, JobState.DEAD, reason=DeadReason.EXHAUSTED.value)
        return
    pause = error.retry_after if isinstance(error, ProviderError) else None
    fleet.make_ready(job) if pause is None else fleet.schedule(job, pause)
