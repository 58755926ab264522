"""A batch before it is enqueued: its jobs as entries, where it is kept, and what follows it."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leeward.errors import BatchIncomplete, IdempotencyConflict, ProviderDisabled, QueueFull
from leeward.flows.batch import Batch, BatchId, batch_id, fingerprint_of, member_of
from leeward.flows.follow_up import Member, sent_at
from leeward.jobs.idempotency_key import check_key
from leeward.jobs.job import Job
from leeward.request import Answer, Enqueued, Request, entry_for, follow_up_for
from leeward.wire.entry import Entry


@dataclass(frozen=True, slots=True)
class Plan:
    """What `enqueue_batch` is to do.

    Attributes:
        home: the batch, and the provider that keeps it.
        key: that it is found again by.
        fingerprint: of all its jobs.
        wanted, members, entries: one each per job.
        follow_ups: `on_done` and `on_success`, None for none.
    """

    home: BatchId
    key: str
    fingerprint: str
    wanted: list[Request]
    members: list[Member]
    entries: list[Entry]
    follow_ups: dict[str, dict[str, Any] | None]

    def closed(self, ended: Mapping[int, str], answers: Sequence[Answer]) -> tuple[Batch, list[str]]:
        """The batch, and the members that are none because other jobs have their keys.

        Args:
            ended: position -> state of those that an earlier call enqueued, and that have ended.
            answers: about the others, in their order.

        Raises:
            BatchIncomplete: some were refused.
        """
        refused = [answer for answer in answers if isinstance(answer, QueueFull | ProviderDisabled)]
        if refused:
            first, total = refused[0], len(self.wanted)
            raise BatchIncomplete(str(self.home), self.key, refused=len(refused), total=total, cause=first) from first
        others = iter(answer for answer in answers if not isinstance(answer, QueueFull | ProviderDisabled))
        all_ = [self._ended(at, ended[at]) if at in ended else next(others) for at in range(len(self.wanted))]
        outside = [member.name for member, answer in zip(self.members, all_, strict=True) if not _is(answer, member)]
        return Batch(str(self.home), all_), outside

    def _ended(self, position: int, state: str) -> Enqueued | IdempotencyConflict:
        provider = self.wanted[position].job.provider
        return Enqueued(self.members[position].job_id, provider, duplicate=True, state=state)


def plan_batch(
    requests: Iterable[Request | Job], follow_ups: Mapping[str, Request | Job | None], *, key: str | None
) -> Plan:
    """Raises: MessageTooLarge, Invalid: a job or a follow-up cannot be enqueued, or the key is none."""
    wanted = [_request(request) for request in requests]
    if key is not None:
        check_key(key)
    key = os.urandom(16).hex() if key is None else key
    home = batch_id(wanted, [_request(one) for one in follow_ups.values() if one is not None], key)
    members = [member_of(home, position) for position in range(len(wanted))]
    entries = [entry_for(request, member) for request, member in zip(wanted, members, strict=True)]
    found = {name: None if one is None else _follow_up(one, home) for name, one in follow_ups.items()}
    return Plan(home, key, fingerprint_of(wanted), wanted, members, entries, found)


def _follow_up(job: Request | Job, home: BatchId) -> dict[str, Any]:
    found = follow_up_for(job, str(home))
    sent_at(found, round(time.time() * 1000))  # what could not be sent later is refused now
    return found


def _is(answer: Enqueued | IdempotencyConflict, member: Member) -> bool:
    return isinstance(answer, Enqueued) and answer.job_id == member.job_id


def _request(request: Request | Job) -> Request:
    return request if isinstance(request, Request) else Request(request)
