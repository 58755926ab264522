"""A job that was enqueued at a fake, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from dramatiq import Message

from leeward.jobs.job import Job
from leeward.jobs.priority import Priority
from leeward.status import JobState, JobStatus, instant
from leeward.wire.dead_letter_id import dead_letter_id
from leeward.wire.entry import Entry


@dataclass(eq=False)
class FakeJob:
    """A job with its options. It changes as the job does.

    Attributes:
        job: what was enqueued.
        delay: how long it was to wait.
        due: when a scheduled job becomes ready.
        attempts: attempts spent so far.
        result: what its handler returned, as JSON.
        reason: why a dead job is dead, as `exhausted`.
        error: what its handler raised last.
        effect_begun: its handler has marked the beginning of its effect.
        cancelling: it was cancelled while its handler ran.
    """

    job: Job
    provider: str
    entry: Entry = field(repr=False)
    enqueued_at: datetime
    state: JobState = JobState.READY
    due: datetime | None = None
    attempts: int = 0
    deliveries: int = 0
    worker: str | None = None
    progress: dict[str, Any] | None = None
    result: Any = None
    reason: str | None = None
    error: BaseException | None = None
    ended_at: datetime | None = None
    effect_begun: bool = False
    cancelling: bool = False

    @cached_property
    def message(self) -> "Message[Any]":
        """The Dramatiq message that a worker would receive."""
        return Message.decode(self.entry.message)

    @property
    def job_id(self) -> str:
        return self.entry.job_id

    @property
    def kind(self) -> str:
        return self.message.actor_name

    @property
    def queue(self) -> str:
        return self.message.queue_name

    @property
    def delay(self) -> timedelta:
        return timedelta(milliseconds=self.entry.delay_ms)

    @property
    def priority(self) -> Priority:
        return Priority(self.message.options["priority"])

    @property
    def partition(self) -> str | None:
        return self._option("partition")

    @property
    def idempotency_key(self) -> str | None:
        return self._option("idempotency_key")

    @property
    def request_id(self) -> str | None:
        return self._option("request_id")

    @property
    def traceparent(self) -> str | None:
        return self._option("traceparent")

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(self.message.options.get("tags", ()))

    @property
    def deadline(self) -> datetime | None:
        return instant(self.message.options.get("deadline"))

    @property
    def status(self) -> JobStatus:
        """What `Leeward.status` says of it."""
        if self.state.is_final:
            return self._ended
        return JobStatus(
            self.job_id,
            self.provider,
            self.state,
            queue=self.queue,
            kind=self.kind,
            due=self.due,
            attempts=self.attempts,
            deliveries=self.deliveries,
            worker=self.worker,
            progress=self.progress,
            tags=self.tags,
            partition=self.partition,
            request_id=self.request_id,
            cancelling="asked" if self.cancelling else None,
        )

    @property
    def _ended(self) -> JobStatus:
        """As much as a fleet keeps of it."""
        is_dead = self.state is JobState.DEAD
        return JobStatus(
            self.job_id,
            self.provider,
            self.state,
            queue=self.queue,
            kind=self.kind,
            attempts=self.attempts,
            deliveries=self.deliveries,
            worker=self.worker,
            reason=self.reason,
            error=_described(self.error) if is_dead and self.error is not None else None,
            dead_letter_id=str(dead_letter_id(f"{self.provider}/{self.job_id}", self.ended_at))
            if is_dead and self.ended_at
            else None,
            result=self.result,
            tags=self.tags,
        )

    def _option(self, name: str) -> str | None:
        value = self.message.options.get(name)
        return value if isinstance(value, str) else None


def _described(error: BaseException) -> dict[str, Any]:
    """As much of an error as an outcome has."""
    facts = {name: getattr(error, name, None) for name in ("operation", "status", "code")}
    known = {name: value for name, value in facts.items() if isinstance(value, str | int)}
    return {"type": type(error).__name__, "message": str(error), **known}
