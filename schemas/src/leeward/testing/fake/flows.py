"""What follows when the jobs of a fake fleet end: follow-ups and batches, as `flow.lua` has them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leeward.errors import BatchNotFound, IdempotencyConflict
from leeward.flows.batch import BatchId, BatchState, BatchStatus
from leeward.flows.follow_up import BATCH, MEMBER, THEN, Member
from leeward.jobs.job import Job
from leeward.request import Request, follow_ups_of
from leeward.status import JobState

PENDING = "pending"


@dataclass
class FakeBatch:
    """A batch: the state of each member, and the follow-ups that are still to be sent."""

    began: datetime
    fingerprint: str
    waiting: dict[str, dict[str, Any]]
    members: dict[str, str] = field(default_factory=dict)
    is_sealed: bool = False
    ended: datetime | None = None

    def count(self, state: str) -> int:
        return list(self.members.values()).count(state)

    def due(self, now: datetime) -> Iterator[dict[str, Any]]:
        """The follow-ups whose time has come; each once."""
        if not self.is_sealed or self.count(PENDING):
            return
        self.ended = self.ended or now
        for name in ("on_done", "on_success"):
            if name in self.waiting and (name == "on_done" or self.count(JobState.DONE) == len(self.members)):
                yield self.waiting.pop(name)


class FakeFlows:
    """Batches by their ids, and the classes of the jobs that may follow."""

    def __init__(self) -> None:
        self._batches: dict[str, FakeBatch] = {}
        self._models: dict[tuple[str, int], type[Job]] = {}

    def learn(self, requests: Iterable[Request | Job]) -> None:
        """Notes the classes of jobs and of all that may follow them."""
        for one in requests:
            request = one if isinstance(one, Request) else Request(one)
            self._models[request.job.kind, request.job.version] = type(request.job)
            self.learn(follow_ups_of(request))

    def job_of(self, follow_up: dict[str, Any]) -> Job:
        """The job of a follow-up, after its way through JSON."""
        message = follow_up["message"]
        model = self._models[message["actor_name"], message["options"]["kind_version"]]
        return model.from_payload(message["kwargs"]["payload"])[0]

    def make_known(
        self,
        home: BatchId,
        key: str,
        fingerprint: str,
        members: Iterable[Member],
        waiting: dict[str, dict[str, Any]],
        now: datetime,
    ) -> dict[int, str]:
        """Creates a batch, or finds it. Returns the states of the members that have ended, by position.

        Raises:
            IdempotencyConflict: its key was used for other jobs.
        """
        batch = self._batches.setdefault(str(home), FakeBatch(now, fingerprint, waiting))
        if batch.fingerprint != fingerprint:
            raise IdempotencyConflict(key, str(home))
        states = (batch.members.setdefault(member.name, PENDING) for member in members)
        return {at: state for at, state in enumerate(states) if state != PENDING}

    def seal(self, home: BatchId, outside: Iterable[str], now: datetime) -> list[dict[str, Any]]:
        """The follow-ups that are due at once."""
        batch = self._batches[str(home)]
        for name in outside:
            batch.members.pop(name, None)
        batch.is_sealed = True
        return list(batch.due(now))

    def follow(self, flow: dict[str, Any], state: JobState, now: datetime) -> list[dict[str, Any]]:
        """What is to be sent when a job with this option ends."""
        found = list(flow.get(THEN, ())) if state is JobState.DONE else []
        batch = self._batches.get(flow.get(BATCH, ""))
        if batch is not None and batch.members.get(flow[MEMBER]) == PENDING:
            batch.members[flow[MEMBER]] = state.value
            found += batch.due(now)
        return found

    def status(self, text: str) -> BatchStatus:
        """Raises: BatchNotFound, Invalid: there is none of this id."""
        BatchId.parsed(text)
        batch = self._batches.get(text)
        if batch is None:
            raise BatchNotFound(text)
        pending, done, dead, cancelled = map(batch.count, (PENDING, JobState.DONE, JobState.DEAD, JobState.CANCELLED))
        state = BatchState.OPEN if not batch.is_sealed else BatchState.RUNNING if pending else BatchState.ENDED
        return BatchStatus(text, state, len(batch.members), pending, done, dead, cancelled, batch.began, batch.ended)
