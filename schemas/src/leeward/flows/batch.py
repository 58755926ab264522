"""A batch: jobs that are counted together, and what follows when they have ended."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from leeward.errors import IdempotencyConflict, Invalid
from leeward.flows.follow_up import Member
from leeward.jobs.canonical import canonical
from leeward.jobs.queue_name import is_queue_part
from leeward.request import Enqueued, Request


class BatchState(StrEnum):
    OPEN = "open"
    """Not all of its jobs are enqueued: its producer is at it, or was interrupted and has to enqueue the batch again."""
    RUNNING = "running"
    """Some of its jobs have not ended."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """A batch at one moment: how many of its jobs have not ended, and how the others ended.

    Attributes:
        began: when it was made.
        ended: when its last job ended; None before.
    """

    batch_id: str
    state: BatchState
    total: int
    pending: int
    done: int
    dead: int
    cancelled: int
    began: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of `enqueue_batch`.

    Attributes:
        answers: one per request, in order. A duplicate of a job outside the batch, and a conflict, are not counted in it.
    """

    batch_id: str
    answers: Sequence[Enqueued | IdempotencyConflict]


class BatchId(NamedTuple):
    """Where a batch is kept, and under which name; `<provider>:<name>` as text."""

    provider: str
    name: str

    @classmethod
    def parsed(cls, text: object) -> "BatchId":
        """Raises: Invalid: it is no batch's id."""
        provider, colon, name = text.partition(":") if isinstance(text, str) else ("", "", "")
        if not (colon and name and is_queue_part(provider)):
            raise Invalid("this is no id of a batch: those look like acme-eu:3f2a9c")
        return cls(provider, name)

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"


def batch_id(requests: Sequence[Request], follow_ups: Sequence[Request], key: str) -> BatchId:
    """The same for the same key. The provider that most of the jobs are for keeps the batch: it counts them in the step that ends them.

    Raises:
        Invalid: there is no request, and no follow-up that says where the batch is to be kept.
    """
    providers = Counter(request.job.provider for request in requests or follow_ups)
    if not providers:
        raise Invalid("a batch needs a job: pass at least one request")
    home = min(providers, key=lambda name: (-providers[name], name))
    return BatchId(home, hashlib.sha256(f"batch {key}".encode()).hexdigest()[:32])


def member_of(batch: BatchId, position: int) -> Member:
    """The member at a position, from 0."""
    job_id = hashlib.sha256(f"{batch}/{position}".encode()).hexdigest()[:32]
    return Member(str(batch), str(position), job_id)


def fingerprint_of(requests: Sequence[Request]) -> str:
    """SHA-256 over what all jobs of a batch ask for, in hex."""
    digest = hashlib.sha256()
    for request in requests:
        digest.update(canonical([request.job.kind, request.job.to_payload()]).encode())
    return digest.hexdigest()
