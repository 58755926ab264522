"""The jobs that wait for a worker, in the order in which they will be admitted: by queue; suspects, then lane by lane, then turn by turn.

A lower lane has a share of the starts while a higher one has jobs (`lane_share`): those come earlier than the list shows.
"""

from collections.abc import Iterator, Sequence

import redis

from broker.fleet.jobs.by_time import after as behind
from broker.fleet.jobs.lane_jobs import LanePoint, step
from broker.fleet.jobs.present import SUSPECTS, present
from broker.fleet.jobs.rows import live_rows
from leeward.jobs.priority import Priority
from leeward.jobs.queue_name import provider_of
from leeward.status import JobState
from leeward.wire.keys import ProviderKeys, place
from leeward_admin.jobs.listing.cursor import JobCursor
from leeward_admin.jobs.listing.walk import Looked

PARTS = (str, str, str, int, str, bool)
"""Of a cursor: queue, lane, and the point in it."""


def waiting(
    client: redis.Redis,
    queues: Sequence[str],
    lanes: Sequence[Priority],
    partitions: Sequence[str],
    after: JobCursor | None,
    at_once: int,
) -> Iterator[list[Looked]]:
    """Steps over these queues and lanes, and where partitions are given over those alone."""
    for queue, lane, since in _places(client, queues, lanes, after):
        if lane == SUSPECTS:
            yield from _suspects(client, queue, since, at_once)
            continue
        for partition in partitions or (None,):
            if since is None or partition in {None, since.partition}:
                yield from _lane(client, queue, lane, partition, since, at_once)
                since = None  # noqa: PLW2901 # the lists behind that of the cursor begin at their heads


def _places(
    client: redis.Redis, queues: Sequence[str], lanes: Sequence[Priority], after: JobCursor | None
) -> Iterator[tuple[str, str, LanePoint | None]]:
    """Every list in its order, from that of the cursor on, which comes with its point."""
    names = present(client, [(queue, lane) for queue in queues for lane in (SUSPECTS, *lanes)])
    if after is None:
        yield from ((queue, lane, None) for queue, lane in names)
        return
    queue, lane, partition, index, job_id, seen = after.parts
    order = {name: number for number, name in enumerate((SUSPECTS, *Priority))}
    at = (str(queue), order.get(str(lane), 0))
    point = LanePoint(str(partition), int(index), str(job_id), bool(seen))
    for name, where in names:
        if (name, order[where]) >= at:
            yield name, where, point if (name, order[where]) == at else None


def _lane(
    client: redis.Redis, queue: str, lane: str, partition: str | None, since: LanePoint | None, at_once: int
) -> Iterator[list[Looked]]:
    provider = provider_of(queue)
    keys, name = ProviderKeys(provider), place(queue, lane)
    while True:
        found = step(client, keys, name, since, at_once, partition)
        ids = [point.job_id for point in found.points]
        places = [place(queue, lane, point.partition) for point in found.points]
        rows = live_rows(client, provider, ids, JobState.READY, places=places)
        looked = [Looked(row, _cursor(queue, lane, point)) for row, point in zip(rows, found.points, strict=True)]
        if found.after is not None and not found.after.job_id:
            looked.append(Looked(None, _cursor(queue, lane, found.after)))
        yield looked
        if found.after is None:
            return
        since = found.after


def _suspects(client: redis.Redis, queue: str, since: LanePoint | None, at_once: int) -> Iterator[list[Looked]]:
    provider = provider_of(queue)
    behind_of = None if since is None else (float(since.index), since.job_id)
    while found := behind(client, ProviderKeys(provider).suspects_of(queue), behind_of, at_once):
        rows = live_rows(client, provider, [job_id for job_id, _ in found], JobState.READY, suspects=True)
        yield [
            Looked(row, _cursor(queue, SUSPECTS, LanePoint("", int(score), job_id)))
            for row, (job_id, score) in zip(rows, found, strict=True)
        ]
        behind_of = (found[-1][1], found[-1][0])


def _cursor(queue: str, lane: str, point: LanePoint) -> JobCursor:
    return JobCursor(JobState.READY, (queue, str(lane), point.partition, point.index, point.job_id, point.seen))
