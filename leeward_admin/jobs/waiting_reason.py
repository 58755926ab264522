"""Rule: why a job waits, and until when."""

from dataclasses import dataclass
from datetime import datetime

from broker.fleet.health_record import Finding
from broker.fleet.queues import AHEAD_AT_MOST
from broker.fleet.suspects import Suspicion
from broker.guards.config import Mode
from broker.guards.store import GuardState
from leeward.actions import Action, EnableProvider, ProbeProvider, ResumeProvider, ResumeQueue, WaitFor
from leeward.errors import NoWorker
from leeward.status import JobState, JobStatus


@dataclass(frozen=True, slots=True)
class WaitingReason:
    """One thing that holds a job.

    Attributes:
        guard: `no_worker`, `schedule`, `disabled`, `pause`, `hold`, `circuit`, `health`, `bulkhead`, `partition`, `rate`, `worker`,
            `suspect` or `turn`; empty for a job that does not wait.
        text: the whole reason, for people.
        since: since when it is so, where that is known.
        until: when it is expected to end; None when that is unknown.
        actions: what a person can do about it; empty where time is all it takes.
    """

    guard: str
    text: str
    since: datetime | None = None
    until: datetime | None = None
    actions: tuple[Action, ...] = ()


def reasons(
    status: JobStatus,
    guards: GuardState,
    *,
    paused: bool,
    ahead: int,
    now: datetime,
    suspicion: Suspicion | None = None,
    partition: tuple[str, int] | None = None,
    no_worker: NoWorker | None = None,
    health: Finding | None = None,
    failed: str = "",
) -> list[WaitingReason]:
    """What holds a job now, the decisive first. Empty for a job that runs or has ended.

    Args:
        status: the job.
        guards: of its provider.
        paused: whether its queue is.
        ahead: jobs of its queue that come before it.
        now: the time.
        suspicion: what is known of it because its process stopped; None for a job that is no suspect.
        partition: its partition, and how many jobs of that run; None for a job without one.
        no_worker: that no live worker serves its queue; None where one does.
        health: what the latest probe of its provider found.
        failed: the code of its latest error; empty where there is none.
    """
    unserved = [] if no_worker is None else [WaitingReason("no_worker", str(no_worker), actions=no_worker.actions)]
    if status.state is JobState.SCHEDULED:
        scheduled = WaitingReason("schedule", _scheduled(status, guards, failed), until=status.due)
        return [scheduled, *_disabled(guards), *unserved]
    if status.state is not JobState.READY:
        return []
    found = [
        *unserved,
        *_disabled(guards),
        *_pause(status, paused=paused),
        *_hold(guards, now),
        *_circuit(guards),
        *_unreachable(guards, health),
        *_probed(status, guards),
        *_bulkhead(guards),
        *_partition(guards, partition),
        *_rate(guards),
    ]
    found += _own(status, guards, now)
    if suspicion and suspicion.waits_since:
        return [*found, _suspect(suspicion)]
    # That it is next explains nothing where something else holds it.
    return found if found and not ahead else [*found, WaitingReason("turn", _turn(ahead))]


def _disabled(guards: GuardState) -> list[WaitingReason]:
    if guards.config.enabled:
        return []
    text = f"{guards.provider} is switched off {guards.disabled_because}"
    return [WaitingReason("disabled", text, actions=(EnableProvider(guards.provider),))]


def _pause(status: JobStatus, *, paused: bool) -> list[WaitingReason]:
    queue = status.queue or ""
    return [WaitingReason("pause", f"the queue {queue} is paused", actions=(ResumeQueue(queue),))] if paused else []


def _turn(ahead: int) -> str:
    at_least = "at least " if ahead >= AHEAD_AT_MOST else ""
    return f"{at_least}{ahead} jobs of its queue come before it" if ahead else "it is next"


def _suspect(suspicion: Suspicion) -> WaitingReason:
    alone = f", {suspicion.alone} of them while it was alone in its process" if suspicion.alone else ""
    beside = (
        f"at most {suspicion.company - 1} other suspects beside it" if suspicion.company > 1 else "nothing beside it"
    )
    text = (
        f"it is a suspect: {suspicion.expiries} workers in a row stopped while they had it{alone}. "
        f"It waits for a worker process that holds no other job, to run with {beside}"
    )
    return WaitingReason("suspect", text, since=suspicion.waits_since)


def _scheduled(status: JobStatus, guards: GuardState, failed: str) -> str:
    latest = f", the latest with {failed}" if failed else ""
    spent = f" after {status.attempts} failed attempts{latest}" if status.attempts else ""
    if status.job_id in guards.awaiting_look:
        return (
            f"it is scheduled{spent}: its last attempt failed while no other job has called, and counts "
            f"only once a health probe has found {guards.provider} well"
        )
    if status.job_id in guards.denied:
        return f"it is scheduled{spent}: only this job was refused, other jobs run: {guards.denied_because}"
    return f"it is scheduled{spent}"


def _hold(guards: GuardState, now: datetime) -> list[WaitingReason]:
    if guards.held_until is None or guards.held_until <= now:
        return []
    return [
        WaitingReason(
            "hold",
            f"{guards.provider} asked to be left alone: {guards.held_because}",
            until=guards.held_until,
            actions=(WaitFor(guards.provider, guards.held_until),),
        )
    ]


def _circuit(guards: GuardState) -> list[WaitingReason]:
    if guards.mode is Mode.FORCED_OPEN:
        text = f"{guards.provider} is paused: {guards.cause}"
        steps = (WaitFor(guards.provider, guards.mode_until), ResumeProvider(guards.provider))
        return [WaitingReason("circuit", text, guards.since, guards.mode_until, steps)]
    if guards.mode is not Mode.AUTO or guards.state == "closed":
        return []
    text = f"the circuit is open: {guards.cause}"
    if guards.state == "half_open":
        text = f"the circuit is half-open: {guards.probes} of {guards.config.probes} probes are running"
    until = guards.until if guards.state == "open" else None
    return [WaitingReason("circuit", text, guards.since, until, (WaitFor(guards.provider, until),))]


def _unreachable(guards: GuardState, health: Finding | None) -> list[WaitingReason]:
    """Its job runs, and will probably fail. An open circuit has been reported already."""
    if health is None or health.healthy or guards.state != "closed" or guards.mode is Mode.FORCED_OPEN:
        return []
    text = f"the latest health probe of {guards.provider} failed: {health.detail}"
    return [WaitingReason("health", text, since=health.since, actions=(ProbeProvider(guards.provider),))]


def _probed(status: JobStatus, guards: GuardState) -> list[WaitingReason]:
    if status.job_id not in guards.probed:
        return []
    return [WaitingReason("circuit", "it has failed as a probe: other jobs probe before it, where there are any")]


def _bulkhead(guards: GuardState) -> list[WaitingReason]:
    limit = guards.limit
    if not limit or guards.in_use < limit:
        return []
    because = (
        f"; there may be {guards.config.limit}, less now: {guards.limit_because}" if limit < guards.config.limit else ""
    )
    return [WaitingReason("bulkhead", f"{guards.in_use} of {limit} permits are in use{because}")]


def _partition(guards: GuardState, partition: tuple[str, int] | None) -> list[WaitingReason]:
    most = guards.config.most_of_a_partition
    if partition is None or not most or partition[1] < most:
        return []
    name, in_use = partition
    text = f"{in_use} of {most} permits that partition {name!r} may have are in use (partition_limit)"
    return [WaitingReason("partition", text)]


def _rate(guards: GuardState) -> list[WaitingReason]:
    return [WaitingReason("rate", f"{guards.config.rate:g} jobs may start per second")] if guards.config.rate else []


def _own(status: JobStatus, guards: GuardState, now: datetime) -> list[WaitingReason]:
    """What the numbers of the job's own actor hold back."""
    own = guards.actors.get(status.queue or "")
    if own is None:
        return []
    actor, found = status.kind or status.queue, []
    if 0 < own.guards.limit <= own.in_use:
        text = f"{own.in_use} of {own.guards.limit} permits of {actor} are in use, its own limit at {guards.provider}"
        found.append(WaitingReason("bulkhead", text))
    if own.token_at and own.token_at > now:
        text = f"{own.guards.rate:g} jobs of {actor} may start per second, its own rate at {guards.provider}"
        found.append(WaitingReason("rate", text, until=own.token_at))
    return found
