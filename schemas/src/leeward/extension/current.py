"""What a running actor may ask about its own job, and say about it. Outside a worker, as in a test of the function, nothing of it has an
effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import uuid4

from leeward.extension.cancel_requested import CancelRequested
from leeward.jobs.idempotency_key import LONGEST
from leeward.wire.job_message import ORIGIN
from leeward.wire.running import running_job


class RunningJob(Protocol):
    """The delivery that this thread runs, as far as an extension may see it. The fleet's own objects have this shape."""

    message_id: str
    message_timestamp: int
    options: dict[str, Any]
    progress: dict[str, Any] | None
    cancelled: bool

    @property
    def idempotency_key(self) -> str | None: ...
    @property
    def number(self) -> int: ...
    def begin_effect(self) -> None: ...
    def emit_event(self, name: str, data: Mapping[str, Any]) -> None: ...
    def emit_event_now(self, name: str, data: Mapping[str, Any]) -> None: ...
    def emit_event_if_dead(self, name: str, data: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class CurrentJob:
    """The running job. `id` and `delivery` change with a replay; the rest stays the same over all attempts and replays.

    Attributes:
        id: the job's.
        key: its idempotency key, or its id where it has none; of a replay without a key, the id of the job that it replays.
        enqueued_at: when it was enqueued.
        delivery: 1 for the first.
        request_id, traceparent: the request that it belongs to.
        deadline: after which it is of no use.
    """

    id: str
    key: str
    enqueued_at: datetime
    delivery: int
    request_id: str | None = None
    traceparent: str | None = None
    deadline: datetime | None = None


def current_job() -> CurrentJob | None:
    """The job that this thread runs; None outside a worker."""
    running: RunningJob | None = running_job.get()
    if running is None:
        return None
    options = running.options
    return CurrentJob(
        id=running.message_id,
        key=running.idempotency_key or _text(options.get(ORIGIN)) or running.message_id,
        enqueued_at=_instant(running.message_timestamp),
        delivery=running.number,
        request_id=_text(options.get("request_id")),
        traceparent=_text(options.get("traceparent")),
        deadline=_instant(deadline) if isinstance(deadline := options.get("deadline"), int) else None,
    )


def begin_effect() -> None:
    """Marks durably, in one round trip, that an effect which cannot be repeated is about to begin. Does nothing outside a worker. Safe to
    call again in the same delivery.

    A crash before the mark is a plain redelivery. A crash after it is an unknown outcome, which the actor's `unknown_outcome` decides.

    Raises:
        CancelRequested: the job was cancelled.
        Exception: the mark could not be made, or another worker has the job by now. Do not catch it: the effect must not begin.
    """
    running: RunningJob | None = running_job.get()
    if running is not None:
        running.begin_effect()


def report_progress(done: float, total: float | None = None) -> None:
    """Notes how far the job is; written about once a second, shown by `leeward job show`, kept with a crash-looping job's dead letter. Does
    nothing outside a worker.

    Raises:
        CancelRequested: the job was cancelled.
    """
    running: RunningJob | None = running_job.get()
    if running is not None:
        running.progress = {"done": done, "total": total}
        if running.cancelled:
            raise CancelRequested


def stop_if_cancelled() -> None:
    """A safe point without anything else: for a loop that reports no progress. Costs next to nothing. Does nothing outside a worker.

    Raises:
        CancelRequested: the job was cancelled.
    """
    running: RunningJob | None = running_job.get()
    if running is not None and running.cancelled:
        raise CancelRequested


def emit_event(name: str, **data: Any) -> None:
    """Emits an event, once the running job is done: both become durable in the same step. A job that fails emits nothing. Does nothing
    outside a worker.

        emit_event("invoice.sent", provider=acme.name, number=job.number)

    Args:
        name: one of `EVENT_TYPES`, or one that this extension names in `Extension(events=...)`.
        data: JSON values, 16 KiB at most. Handlers of other packages and their dead letters have it: no secrets.

    Raises:
        ValueError: the data is not JSON or too large, or these are more than 250 events.
    """
    running: RunningJob | None = running_job.get()
    if running is not None:
        running.emit_event(name, data)


def emit_event_now(name: str, **data: Any) -> None:
    """Emits an event at once, in one round trip, once a job whatever the number of its attempts: for what began. Does nothing outside a
    worker.

    Args:
        name: as for `emit_event`.
        data: as for `emit_event`.

    Raises:
        ValueError: the data is not JSON or too large.
        Exception: it is not durable.
    """
    running: RunningJob | None = running_job.get()
    if running is not None:
        running.emit_event_now(name, data)


def emit_event_if_dead(name: str, **data: Any) -> None:
    """Emits an event if this delivery is the one with which the job dies; its data gets the `reason` and the error's `code`. Both become
    durable in the same step. An attempt that is followed by another emits nothing, and neither does a job that dies without a worker, as
    one whose deadline passes while it waits. Does nothing outside a worker.

    Args:
        name: as for `emit_event`.
        data: as for `emit_event`.

    Raises:
        ValueError: as for `emit_event`.
    """
    running: RunningJob | None = running_job.get()
    if running is not None:
        running.emit_event_if_dead(name, data)


def child_key(*parts: object) -> str:
    """The idempotency key of a job that the running one enqueues: its own key and the parts. It is the same over all attempts and replays,
    so that nothing is enqueued twice. Outside a worker each call makes a new one.
    """
    job = current_job()
    key = ":".join([job.key if job is not None else uuid4().hex, *map(str, parts)])
    return key if len(key) <= LONGEST else sha256(key.encode()).hexdigest()


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
