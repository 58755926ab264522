"""Rule: what in a fleet needs attention, the most urgent first, each with what can be done about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.fleet.overview import ProviderOverview
from leeward.actions import (
    Action,
    CheckInstallation,
    EnableProvider,
    ListGroups,
    ListJobs,
    ListWorkers,
    ProbeProvider,
    ResumeProvider,
    ResumeQueue,
    RetireQueue,
    ShowGroup,
    ShowProvider,
    StartScheduler,
    StartWorker,
)
from leeward.errors import NoWorker
from leeward_admin.status.condition import Condition
from leeward_admin.status.status import Need, OpenLetters, ProviderStatus, QueueStatus, Urgency, WorkerStatus

OLD = timedelta(minutes=15)
"""A job that waits for longer in an active queue is worth a word."""
OUTBOX_OLD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rule looks at; as `leeward_admin.status.status.FleetStatus` has it.

    Attributes:
        overviews: of the same providers.
        unserved: queues that no live worker serves, with what to say of them.
        letters: the open dead letters, or what keeps them from being counted.
    """

    now: datetime
    providers: tuple[ProviderStatus, ...]
    overviews: Sequence[ProviderOverview]
    queues: tuple[QueueStatus, ...]
    workers: tuple[WorkerStatus, ...]
    unserved: Mapping[str, NoWorker]
    schedulers: int
    periodic: int
    letters: OpenLetters | Need


def needs_of(facts: Facts) -> list[Need]:
    """Problems first, each kind in the order of the rules."""
    found = [*_workers(facts), *_database(facts), *_providers(facts), *_queues(facts), *_scheduler(facts)]
    found += [*_outboxes(facts), *_letters(facts)]
    return sorted(found, key=lambda need: need.urgency is not Urgency.PROBLEM)


def _workers(facts: Facts) -> Iterator[Need]:
    waiting = sum(queue.waiting for queue in facts.queues)
    alive = [worker for worker in facts.workers if worker.state != "silent"]
    if not alive and (facts.unserved or not facts.queues):
        text = f"no worker is running: {_jobs(waiting)}" if waiting else "no worker is running"
        yield Need(urgency=Urgency.PROBLEM, subject="workers", text=text, actions=(StartWorker(),))
    for worker in facts.workers:
        if worker.state == "silent":
            silent = _span(facts.now - worker.seen_at)
            text = f"{worker.process} has said nothing for {silent}: it was killed, or cannot reach Valkey"
            yield Need(urgency=Urgency.WARNING, subject="workers", text=text, actions=(ListWorkers(),))


def _providers(facts: Facts) -> Iterator[Need]:
    for one in facts.providers:
        if one.condition.stops_jobs and one.waiting:
            text = f"{one.condition}: {_jobs(one.waiting)}{_reason(one)}"
            yield Need(urgency=Urgency.PROBLEM, subject=one.provider, text=text, actions=_steps(one))
        elif one.condition in {Condition.CIRCUIT_OPEN, Condition.UNREACHABLE}:
            yield Need(
                urgency=Urgency.WARNING,
                subject=one.provider,
                text=f"{one.condition}{_reason(one)}",
                actions=_steps(one),
            )
        elif one.condition is Condition.FORCED:
            yield Need(
                urgency=Urgency.WARNING,
                subject=one.provider,
                text=f"its jobs run even when calls fail{_reason(one)}",
                actions=_steps(one),
            )


def _steps(one: ProviderStatus) -> tuple[Action, ...]:
    name = one.provider
    steps: dict[Condition, tuple[Action, ...]] = {
        Condition.DISABLED: (EnableProvider(name),),
        Condition.PAUSED: (ResumeProvider(name),),
        Condition.FORCED: (ResumeProvider(name),),
    }
    return steps.get(one.condition, (ShowProvider(name), ProbeProvider(name)))


def _queues(facts: Facts) -> Iterator[Need]:
    conditions = {one.provider: one.condition for one in facts.providers}
    is_any_alive = any(worker.state != "silent" for worker in facts.workers)
    for queue in facts.queues:
        if not queue.waiting:
            continue
        no_worker = facts.unserved.get(queue.queue)
        waits = _jobs(queue.waiting)
        if no_worker and is_any_alive:
            steps = (*no_worker.actions, RetireQueue(queue.queue))
            yield Need(urgency=Urgency.PROBLEM, subject=queue.queue, text=f"{waits}: {no_worker}", actions=steps)
        elif queue.state == "paused":
            step = (ResumeQueue(queue.queue),)
            yield Need(urgency=Urgency.PROBLEM, subject=queue.queue, text=f"paused: {waits}", actions=step)
        elif queue.state == "active" and not conditions[queue.provider].stops_jobs:
            yield from _slow(queue, facts.now)


def _slow(queue: QueueStatus, now: datetime) -> Iterator[Need]:
    if queue.oldest_at and now - queue.oldest_at > OLD:
        text = f"{_jobs(queue.waiting)}, the oldest for {_span(now - queue.oldest_at)}"
        yield Need(urgency=Urgency.WARNING, subject=queue.queue, text=text, actions=(ListJobs(queue.queue),))


def _scheduler(facts: Facts) -> Iterator[Need]:
    if facts.periodic and not facts.schedulers:
        text = f"no scheduler is running: no tick is sent to {facts.periodic} periodic actors, and no event to handlers"
        yield Need(urgency=Urgency.PROBLEM, subject="scheduler", text=text, actions=(StartScheduler(),))


def _database(facts: Facts) -> Iterator[Need]:
    if isinstance(facts.letters, Need):
        yield facts.letters


def _outboxes(facts: Facts) -> Iterator[Need]:
    for one in facts.overviews:
        if one.outbox_since and facts.now - one.outbox_since > OUTBOX_OLD:
            age = _span(facts.now - one.outbox_since)
            text = f"{one.outbox:,} dead letters of {one.provider} are not in PostgreSQL, the first of them for {age}"
            yield Need(urgency=Urgency.PROBLEM, subject="dead letters", text=text, actions=(CheckInstallation(),))


def _letters(facts: Facts) -> Iterator[Need]:
    letters = facts.letters
    if not isinstance(letters, OpenLetters) or not letters.letters:
        return
    for group in letters.largest:
        text = f"{group.letters:,} open: {group.provider}: {group.error}"
        yield Need(urgency=Urgency.WARNING, subject="dead letters", text=text, actions=(ShowGroup(group.fingerprint),))
    if letters.groups > len(letters.largest):
        more = letters.groups - len(letters.largest)
        text = f"{letters.letters:,} are open in all, of {more:,} further causes"
        yield Need(urgency=Urgency.WARNING, subject="dead letters", text=text, actions=(ListGroups(),))


def _jobs(number: int) -> str:
    return "1 job waits" if number == 1 else f"{number:,} jobs wait"


def _reason(one: ProviderStatus) -> str:
    return f"; {one.why}" if one.why else ""


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
