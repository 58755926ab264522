"""The jobs that a filter finds, all of them, before anything is done to them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import redis

from broker.fleet.jobs.listed_job import live_job
from broker.fleet.jobs.replies import text
from broker.fleet.jobs.scan import live_places
from broker.fleet.queues import known_queues
from leeward.errors import Invalid
from leeward.jobs.queue_name import provider_of
from leeward.status import JobState
from leeward.wire.keys import ProviderKeys
from leeward_admin.jobs.listing.filter import JobFilter

CHANGEABLE = (JobState.READY, JobState.SCHEDULED)


class EmptyJobFilter(Invalid):
    """Raised for a change to many jobs that names no condition: it would mean all jobs of the fleet."""

    code = "empty_job_filter"

    def __init__(self) -> None:
        super().__init__(
            "which jobs? Give ids or a condition, for example --queue or --kind; all jobs of the fleet are never meant"
        )


@dataclass(frozen=True, slots=True)
class JobSelection:
    """Jobs that waited or were scheduled when they were looked for.

    Attributes:
        places: provider -> job -> where it waits, or will.
    """

    places: dict[str, dict[str, str]]

    @property
    def count(self) -> int:
        return sum(map(len, self.places.values()))


def select(
    client: redis.Redis, filter_: JobFilter, *, now: datetime, states: Iterable[JobState] = CHANGEABLE
) -> JobSelection:
    """Every job that matches and does not run. Looks at all jobs of the providers in question, a thousand at a time.

    Args:
        client: where to look.
        filter_: which jobs.
        now: the time, for their age.
        states: waiting jobs, scheduled ones, or both.

    Raises:
        EmptyJobFilter: the filter has no condition.
        redis.RedisError: Valkey cannot be reached.
    """
    if filter_.is_empty:
        raise EmptyJobFilter
    queues, wanted = set(filter_.wanted_queues(known_queues(client))), set(states)
    return JobSelection(
        {
            provider: dict(_found(client, provider, queues, filter_, now, wanted))
            for provider in sorted({provider_of(queue) for queue in queues})
        }
    )


def _found(
    client: redis.Redis, provider: str, queues: set[str], filter_: JobFilter, now: datetime, states: set[JobState]
) -> Iterator[tuple[str, str]]:
    for some in live_places(client, provider):
        in_question = {job_id: place for job_id, place in some.items() if _may_match(place, queues, filter_)}
        if in_question:
            yield from _matching(client, provider, in_question, filter_, now, states)


def _may_match(place: str, queues: set[str], filter_: JobFilter) -> bool:
    queue, lane, partition = (*place.split(":", 2), "", "")[:3]
    return (
        queue in queues
        and (not filter_.lanes or lane in filter_.lanes)
        and (not filter_.partitions or partition in filter_.partitions)
    )


def _matching(
    client: redis.Redis,
    provider: str,
    places: dict[str, str],
    filter_: JobFilter,
    now: datetime,
    states: set[JobState],
) -> Iterator[tuple[str, str]]:
    keys, ids = ProviderKeys(provider), list(places)
    pipeline = client.pipeline(transaction=False)
    pipeline.zmscore(keys.leases, ids)
    pipeline.zmscore(keys.scheduled, ids)
    if filter_.looks_at_jobs:
        pipeline.hmget(keys.jobs, ids)
    leases, due, *messages = pipeline.execute()
    for number, job_id in enumerate(ids):
        state = JobState.READY if due[number] is None else JobState.SCHEDULED
        if leases[number] is not None or state not in states:
            continue
        message = messages[0][number] if messages else None
        job = live_job(job_id, provider, state, place=places[job_id], message=message)
        if not messages or (message is not None and filter_.matches(job, now)):
            yield job_id, places[job_id]


def named(client: redis.Redis, jobs: Iterable[tuple[str, str]]) -> JobSelection:
    """Jobs that are named: provider and id of each. Those that have ended are left out.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found: dict[str, dict[str, str]] = {}
    for provider, job_id in jobs:
        if place := text(client.hget(ProviderKeys(provider).places, job_id)):
            found.setdefault(provider, {})[job_id] = place
    return JobSelection(found)
