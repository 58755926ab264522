"""What `leeward status` shows, as data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from leeward.actions import Action
from leeward_admin.status.condition import Condition

__all__ = [
    "FleetStatus",
    "Need",
    "OpenGroup",
    "OpenLetters",
    "ProviderStatus",
    "QueueStatus",
    "Urgency",
    "WorkerStatus",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatus:
    """A provider.

    Attributes:
        criticality: `critical`, `important` or `optional`, as its workers are configured.
        condition: how it is, in one word.
        why: the reason; empty while it works.
        until: when that is expected to end; None when it is unknown.
        waiting, scheduled, running: its jobs.
        limit: jobs that may run at once; 0 for no limit.
    """

    provider: str
    condition: Condition
    why: str
    until: datetime | None
    waiting: int
    scheduled: int
    running: int
    limit: int
    criticality: str = "important"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """A queue.

    Attributes:
        state: `active`, `paused`, `disabled` or `no_worker`.
        waiting: ready jobs, `lanes` by lane.
        oldest_at: when the oldest of those that come next was enqueued.
        arrivals_per_minute: jobs that became ready, lately; None where that is not known.
        ended_per_minute: deliveries that ended in the last minute, as the workers report it.
        internal: it has jobs of the fleet's own.
    """

    queue: str
    provider: str
    state: str
    waiting: int
    lanes: Mapping[str, int]
    oldest_at: datetime | None
    arrivals_per_minute: float | None
    ended_per_minute: float
    internal: bool

    @property
    def is_quiet(self) -> bool:
        """Whether a person need not look at it: no job waits, and it is active, or it is one of the fleet's own."""
        return not self.waiting and (self.internal or (self.state == "active" and not self.ended_per_minute))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStatus:
    """A worker process.

    Attributes:
        queues: it serves; empty for one that does not say so.
        threads, busy: how many it has, and how many run a job.
        oldest: for how long the oldest of these jobs has run, as of its latest heartbeat.
        up: for how long it has run.
        seen_at: its latest heartbeat.
        state: `working`, `draining` or `silent`.
    """

    process: str
    host: str
    pid: int | None
    release: str
    queues: tuple[str, ...]
    threads: int
    busy: int
    oldest: timedelta | None
    up: timedelta
    seen_at: datetime
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGroup:
    """Open dead letters with one cause."""

    fingerprint: str
    provider: str
    error: str
    letters: int
    last_seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLetters:
    """The open dead letters.

    Attributes:
        letters: how many; `groups`: of how many causes.
        last_seen: when the latest of them died.
        largest: the groups with most of them.
    """

    letters: int
    groups: int
    last_seen: datetime | None
    largest: tuple[OpenGroup, ...] = ()


class Urgency(StrEnum):
    PROBLEM = "problem"
    """Jobs wait or are lost to view until a person acts."""
    WARNING = "warning"
    """It may end by itself, or can wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that needs attention.

    Attributes:
        subject: what it is about: a queue, a provider, `workers`, `scheduler`, `database`, `outbox` or `dead letters`.
        text: what is wrong.
        actions: what can be done about it.
    """

    urgency: Urgency
    subject: str
    text: str
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStatus:
    """The fleet at one moment.

    Attributes:
        at: the server's time.
        schedulers: live ones; `periodic`: actors that have a schedule.
        open_letters: None where PostgreSQL cannot be asked; `needs` says why.
        needs: what needs attention, the most urgent first.
    """

    at: datetime
    providers: tuple[ProviderStatus, ...]
    queues: tuple[QueueStatus, ...]
    workers: tuple[WorkerStatus, ...]
    schedulers: int
    periodic: int
    open_letters: OpenLetters | None
    needs: tuple[Need, ...]

    def with_needs(self, more: Iterable[Need]) -> "FleetStatus":
        """The same with further needs, each behind those that are as urgent."""
        needs = sorted((*self.needs, *more), key=lambda need: need.urgency is not Urgency.PROBLEM)
        return replace(self, needs=tuple(needs))
