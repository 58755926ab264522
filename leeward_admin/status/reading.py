"""Reads the fleet at a glance: Valkey in a few round trips, PostgreSQL in one connection."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import redis

from broker.fleet.depths import Depths, arrivals_per_minute, samples
from broker.fleet.overview import ProviderOverview, QueueOverview, overview
from broker.fleet.processes import FleetProcess, Role, read_processes
from broker.fleet.unserved import unserved_queues
from leeward.errors import NoWorker
from leeward.record import Catalogue
from leeward.record.reader import workers
from leeward.wire.process_keys import DEPTHS, PROCESSES
from leeward_admin.dependencies.criticality import USUAL, rank
from leeward_admin.status.condition import Condition, condition_of
from leeward_admin.status.needs import Facts, needs_of
from leeward_admin.status.status import FleetStatus, Need, OpenLetters, ProviderStatus, QueueStatus, WorkerStatus

Letters = Callable[[], OpenLetters | Need]
"""The open dead letters, or what keeps them from being counted."""


def read_status(client: redis.Redis, letters: Letters) -> FleetStatus:
    """The fleet at this moment.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    (seconds, microseconds), reports, kept = _fleet_keys(client)
    now_ms = int(seconds) * 1000 + int(microseconds) // 1000
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    providers, catalogues = overview(client), workers(client)
    processes = read_processes(reports, now_ms)
    unserved = unserved_queues(providers, catalogues)
    queues = _queues(providers, processes, unserved, samples(kept), now_ms)
    open_letters = letters()
    facts = Facts(
        now=now,
        providers=_providers(providers, catalogues),
        overviews=providers,
        queues=queues,
        workers=tuple(worker_statuses(processes, catalogues, now)),
        unserved=unserved,
        schedulers=sum(one.said.role is Role.SCHEDULER and one.is_alive for one in processes),
        periodic=len({name for one in catalogues.values() for name, actor in one.actors.items() if actor.schedule}),
        letters=open_letters,
    )
    return FleetStatus(
        at=now,
        providers=facts.providers,
        queues=queues,
        workers=facts.workers,
        schedulers=facts.schedulers,
        periodic=facts.periodic,
        open_letters=open_letters if isinstance(open_letters, OpenLetters) else None,
        needs=tuple(needs_of(facts)),
    )


def read_workers(client: redis.Redis) -> list[WorkerStatus]:
    """The worker processes, also those that went silent in the last ten minutes.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    (seconds, microseconds), reports, _ = _fleet_keys(client)
    now_ms = int(seconds) * 1000 + int(microseconds) // 1000
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    return worker_statuses(read_processes(reports, now_ms), workers(client), now)


def worker_statuses(
    processes: list[FleetProcess], catalogues: Mapping[str, Catalogue], now: datetime
) -> list[WorkerStatus]:
    """Of those that report, and of those that only say what they serve, as workers of older releases do."""
    reported = {one.said.process: one for one in processes if one.said.role is Role.WORKER}
    known = {name: catalogue for name, catalogue in catalogues.items() if not catalogue.broken}
    return [_worker(name, reported.get(name), known.get(name), now) for name in sorted(reported.keys() | known.keys())]


def _worker(name: str, one: FleetProcess | None, catalogue: Catalogue | None, now: datetime) -> WorkerStatus:
    host, _, pid = name.rpartition(":")
    queues = tuple(sorted(catalogue.queues)) if catalogue else ()
    if one is None:
        return WorkerStatus(
            process=name, host=host, pid=int(pid) if pid.isdecimal() else None, queues=queues, threads=0, busy=0,
            release=catalogue.release if catalogue else "", oldest=None, up=timedelta(0), seen_at=now, state="working",
        )  # fmt: skip
    said = one.said
    return WorkerStatus(
        process=name,
        host=host or name,
        pid=int(pid) if pid.isdecimal() else None,
        release=said.release,
        queues=queues,
        threads=said.threads,
        busy=said.busy,
        oldest=timedelta(milliseconds=said.oldest_ms) if said.busy else None,
        up=timedelta(milliseconds=said.up_ms),
        seen_at=one.seen_at,
        state="silent" if not one.is_alive else "draining" if said.draining else "working",
    )


def _fleet_keys(client: redis.Redis) -> tuple[tuple[int, int], list[bytes], list[bytes]]:
    pipeline = client.pipeline(transaction=False)
    pipeline.time()
    pipeline.hvals(PROCESSES)
    pipeline.lrange(DEPTHS, 0, -1)
    time, reports, kept = pipeline.execute()
    return time, reports, kept


def _providers(overviews: list[ProviderOverview], catalogues: Mapping[str, Catalogue]) -> tuple[ProviderStatus, ...]:
    """The most critical first."""
    said = {name: one.criticality for catalogue in catalogues.values() for name, one in catalogue.providers.items()}
    found = [_provider(one, said.get(one.provider) or USUAL) for one in overviews]
    return tuple(sorted(found, key=lambda one: (rank(one.criticality), one.provider)))


def _provider(one: ProviderOverview, criticality: str) -> ProviderStatus:
    condition = condition_of(
        enabled=one.enabled,
        mode=one.mode,
        state=one.state,
        held_until=one.held_until,
        healthy=one.healthy,
        now=one.at,
    )
    return ProviderStatus(
        provider=one.provider,
        condition=condition,
        why=_why(one, condition),
        until=_until(one, condition),
        waiting=one.waiting,
        scheduled=one.scheduled,
        running=one.running,
        limit=one.limit,
        criticality=criticality,
    )


def _why(one: ProviderOverview, condition: Condition) -> str:
    match condition:
        case Condition.DISABLED:
            return "by an operator" if one.by_operator else "in the configuration of the workers"
        case Condition.HELD:
            return one.held_because
        case Condition.UNREACHABLE:
            return one.health_detail
        case Condition.WORKING:
            return ""
    return one.cause or condition.without_cause


def _until(one: ProviderOverview, condition: Condition) -> datetime | None:
    ends = {
        Condition.PAUSED: one.mode_until,
        Condition.FORCED: one.mode_until,
        Condition.HELD: one.held_until,
        Condition.CIRCUIT_OPEN: one.until,
    }
    return ends.get(condition)


def _queues(
    providers: list[ProviderOverview],
    processes: list[FleetProcess],
    unserved: Mapping[str, NoWorker],
    kept: list[Depths],
    now_ms: int,
) -> tuple[QueueStatus, ...]:
    ended = defaultdict[str, float](float)
    for one in processes:
        for queue, rate in one.said.ended_per_minute.items() if one.is_alive else ():
            ended[queue] += rate
    return tuple(
        QueueStatus(
            queue=queue.queue,
            provider=provider.provider,
            state=_state(queue, provider, is_unserved=queue.queue in unserved),
            waiting=queue.waiting,
            lanes={lane.value: jobs for lane, jobs in queue.ready.items()},
            oldest_at=queue.oldest_at,
            arrivals_per_minute=arrivals_per_minute(queue.queue, queue.waiting, ended[queue.queue], kept, now_ms),
            ended_per_minute=ended[queue.queue],
            internal=queue.is_internal,
        )
        for provider in providers
        for queue in provider.queues
    )


def _state(queue: QueueOverview, provider: ProviderOverview, *, is_unserved: bool) -> str:
    if queue.paused:
        return "paused"
    if not provider.enabled:
        return "disabled"
    return "no_worker" if is_unserved else "active"
