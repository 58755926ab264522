"""Many jobs from JSON Lines, any number of them, with what became of each line."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from leeward import Enqueued, IdempotencyConflict, Leeward, Request
from leeward.errors import LeewardError, ProviderDisabled, QueueFull
from leeward.request import entry_for
from leeward_admin.jobs.request import request_for

BATCH = 1_000
"""Lines that are read, checked and enqueued at once."""
MEMBERS = (
    "kind", "payload", "key", "delay", "run_at", "priority", "deadline", "partition", "tags", "request_id", "traceparent",
)  # fmt: skip


class LineOutcome(StrEnum):
    """What became of a line."""

    ENQUEUED = "enqueued"
    DUPLICATE = "duplicate"
    """Its key and payload were enqueued before; nothing was added."""
    CONFLICT = "conflict"
    """Its key belongs to another payload."""
    FULL = "full"
    """Its queue takes no more jobs now."""
    DISABLED = "disabled"
    """Its provider is switched off."""
    NO_WORKER = "no_worker"
    """No live worker serves its queue, and one was required."""
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class EnqueuedLine:
    """A line and what became of it.

    Attributes:
        number: from 1.
        job_id: the job, or for a conflict the job that has the key.
        error: why it was not enqueued; never shows a value of the payload.
        queue: where its job waits; None for a line that is invalid.
    """

    number: int
    outcome: LineOutcome
    job_id: str | None = None
    error: str | None = None
    queue: str | None = None


def enqueue_lines(client: Leeward, lines: Iterable[str], *, require_worker: bool = False) -> Iterator[EnqueuedLine]:
    """Enqueues what can be enqueued, and yields each line that is not empty with its outcome. A line that is wrong stops no other.

    With `require_worker`, jobs whose queue no live worker serves are not enqueued.

    Repeating the same lines with keys enqueues nothing twice.

    Raises:
        Unavailable: some lines may be enqueued.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        yield from _enqueue(client, batch, require_worker=require_worker)


def _enqueue(client: Leeward, batch: list[tuple[int, str]], *, require_worker: bool) -> Iterator[EnqueuedLine]:
    read = [(number, _read(line)) for number, line in batch]
    requests = [request for _, request in read if isinstance(request, Request)]
    unserved = _unserved(client, requests) if require_worker else {}
    served = [request for request in requests if request.job.queue not in unserved]
    answers = iter(client.enqueue_many(served))
    for number, request in read:
        if not isinstance(request, Request):
            yield EnqueuedLine(number, LineOutcome.INVALID, error=request)
        elif error := unserved.get(request.job.queue):
            yield EnqueuedLine(number, LineOutcome.NO_WORKER, error=error, queue=request.job.queue)
        else:
            yield replace(_outcome(number, next(answers)), queue=request.job.queue)


def _unserved(client: Leeward, requests: Iterable[Request]) -> dict[str, str]:
    found = {queue: client.unserved(queue) for queue in {request.job.queue for request in requests}}
    return {queue: str(no_worker) for queue, no_worker in found.items() if no_worker}


def _read(line: str) -> Request | str:
    """The request of a line, or what is wrong with it."""
    try:
        wanted = json.loads(line)
        if not isinstance(wanted, dict) or not isinstance(wanted.get("kind"), str):
            return 'a line is {"kind": "sync.invoice", "payload": {"number": "INV-7"}}'
        unknown = wanted.keys() - set(MEMBERS)
        if unknown:
            return f"no such member: {', '.join(sorted(unknown))}; there are {', '.join(MEMBERS)}"
        options = {name: value for name, value in wanted.items() if name not in {"kind", "payload"}}
        request = request_for(wanted["kind"], wanted.get("payload") or {}, **options)
        entry_for(request)  # finds out what `enqueue_many` would refuse, which then would refuse the whole batch
    except (LeewardError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return str(error)
    return request


def _outcome(number: int, answer: Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled) -> EnqueuedLine:
    match answer:
        case QueueFull():
            return EnqueuedLine(number, LineOutcome.FULL, error=str(answer))
        case ProviderDisabled():
            return EnqueuedLine(number, LineOutcome.DISABLED, error=str(answer))
        case IdempotencyConflict():
            return EnqueuedLine(number, LineOutcome.CONFLICT, answer.job_id, str(answer))
    return EnqueuedLine(number, LineOutcome.DUPLICATE if answer.duplicate else LineOutcome.ENQUEUED, answer.job_id)
