"""What is done to selected jobs, batch by batch. Stopped half-way, the same command does the rest: what is done does not match any more."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

import redis

from broker.fleet.jobs.reprioritising import BATCH, Move, positions, reprioritise
from broker.fleet.jobs.withdrawal import cancel_waiting
from leeward.jobs.priority import Priority
from leeward_admin.jobs.bulk.selection import JobSelection

SWEPT_AT_MOST = 2_000
"""Ids of cancelled jobs that a script takes off a list by the way (`withdrawn.lua`)."""
Each = TypeVar("Each")


def cancel(client: redis.Redis, selection: JobSelection) -> Iterator[Counter[str]]:
    """Cancels them. Each batch says how many were `cancelled`, and how many were `running` or `ended` by then.

    Raises:
        redis.RedisError: Valkey cannot be reached; what was said is done.
    """
    for provider, places in selection.places.items():
        for ids in _batches(places):
            yield _counted(cancel_waiting(client, provider, ids))


def move(client: redis.Redis, selection: JobSelection, lane: Priority) -> Iterator[Counter[str]]:
    """Moves them to the end of a lane. Each batch says how many were `moved`, how many were `running` or `ended` by then, and how many are
    to be moved `again` by the same command, because they changed meanwhile.

    Raises:
        redis.RedisError: Valkey cannot be reached; what was said is done.
    """
    for provider, places in selection.places.items():
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for job_id, place in places.items():
            if place.split(":", 2)[1] != lane:
                wanted[place].add(job_id)
        for place, ids in wanted.items():
            yield from _move_from(client, provider, place, ids, lane)


def _move_from(client: redis.Redis, provider: str, place: str, ids: set[str], lane: Priority) -> Iterator[Counter[str]]:
    """Walks over the list. What is taken off it meanwhile moves the rest to its head: a step that moved jobs goes back by as much."""
    left, first = set(ids), 0
    while left and (found := positions(client, provider, place, first)):
        here = [Move(job_id, place, first + offset) for offset, job_id in enumerate(found) if job_id in left]
        for moves in _batches(here):
            verdicts = reprioritise(client, provider, moves, lane)
            seen = {one.job_id: verdict for one, verdict in zip(moves, verdicts, strict=True) if verdict != "lost"}
            left -= seen.keys()
            yield _counted(seen.values())
        first = max(0, first + len(found) - (SWEPT_AT_MOST + len(here) if here else 0))
    # Scheduled jobs and suspects are in no list.
    for rest in _batches(sorted(left)):
        yield _counted(reprioritise(client, provider, [Move(job_id, place) for job_id in rest], lane))


def _batches(jobs: Iterable[Each]) -> Iterator[list[Each]]:
    left = iter(jobs)
    while some := list(islice(left, BATCH)):
        yield some


WORDS: Mapping[str, str] = {"unknown": "ended", "changed": "again", "lost": "again"}


def _counted(verdicts: Iterable[str]) -> Counter[str]:
    return Counter(WORDS.get(verdict, verdict) for verdict in verdicts)
