"""The job that a handler of a test runs, as `leeward.extension` shows it to actors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leeward.extension.cancel_requested import CancelRequested
from leeward.testing.fake.job import FakeJob
from leeward.wire.running import running_job


@dataclass
class FakeDelivery:
    """Has the shape of `leeward.extension.current.RunningJob`."""

    job: FakeJob
    number: int

    @property
    def message_id(self) -> str:
        return self.job.job_id

    @property
    def message_timestamp(self) -> int:
        return self.job.message.message_timestamp

    @property
    def options(self) -> dict[str, Any]:
        return self.job.message.options

    @property
    def idempotency_key(self) -> str | None:
        return self.job.idempotency_key

    @property
    def progress(self) -> dict[str, Any] | None:
        return self.job.progress

    @progress.setter
    def progress(self, progress: dict[str, Any] | None) -> None:
        self.job.progress = progress

    @property
    def cancelled(self) -> bool:
        return self.job.cancelling

    def begin_effect(self) -> None:
        """Raises: CancelRequested: the job was cancelled."""
        if self.job.cancelling:
            raise CancelRequested
        self.job.effect_begun = True

    def emit_event(self, name: str, data: Mapping[str, Any]) -> None:
        """A fake fleet has no event handlers."""

    emit_event_now = emit_event
    emit_event_if_dead = emit_event


@contextmanager
def running(job: FakeJob) -> Iterator[FakeDelivery]:
    """Meanwhile this thread runs the job: what it enqueues belongs to the same request."""
    delivery = FakeDelivery(job, job.deliveries)
    before = running_job.set(delivery)
    try:
        yield delivery
    finally:
        running_job.reset(before)


class DeadlinePassed(Exception):
    """Why a job that comes too late is dead."""


def lateness(job: FakeJob, now: datetime) -> DeadlinePassed | None:
    """What is to be said of a job whose deadline has passed; None where it has not."""
    if job.deadline is None or job.deadline >= now:
        return None
    return DeadlinePassed(f"the deadline passed {now - job.deadline} ago")
