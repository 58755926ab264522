"""The jobs that are ready in a lane, in the order in which they will be admitted."""

from dataclasses import dataclass
from itertools import groupby

import redis

from broker.fleet.jobs.replies import texts
from broker.fleet.jobs.turn_order import BEGINNING, Slot, slots
from leeward.wire.keys import ProviderKeys

PARTITIONS_AT_ONCE = 2_000
"""Of more partitions, a step looks at so many turns of one round."""
LOOKED_BACK, LOOKED_AHEAD = 2_000, 100
"""How far around its former place a job is looked for first: those before it are admitted meanwhile."""
WALKED = 50_000
"""How much of a list is walked to find it again after that."""


@dataclass(frozen=True, slots=True)
class LanePoint:
    """The job of a lane that was listed last, or with an empty id the turn that was looked at last.

    Attributes:
        partition: its partition, empty for none.
        index: its position in the list of its partition.
        seen: with an empty id, whether this round of turns has had a job so far.
    """

    partition: str
    index: int
    job_id: str
    seen: bool = True


@dataclass(frozen=True, slots=True)
class LaneStep:
    """Attributes:
    points: the next jobs of the lane.
    after: where the next step begins; None when this was the last.
    """

    points: list[LanePoint]
    after: LanePoint | None


def step(
    client: redis.Redis, keys: ProviderKeys, lane: str, after: LanePoint | None, at_most: int, partition: str | None
) -> LaneStep:
    """At most so many jobs of a lane (`<queue>:<lane>`), those of one partition alone where that is given.

    What is enqueued, admitted and cancelled between two steps moves the others: a step begins behind the job that was listed last, wherever
    that is by then, and at the head of the lane where it has been admitted with all that were before it.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    names, first, is_last = _turns(client, keys, lane, after, partition)
    lengths = _lengths(client, keys, lane, names)
    start = _start(client, keys, lane, names, after)
    one_round = first > 0 or not is_last
    found = slots(
        [min(length, start.position + 1) for length in lengths] if one_round else lengths,
        position=start.position,
        partition=start.partition,
        at_most=at_most,
    )
    points = _points(client, keys, lane, names, found)
    if points and len(found) == at_most:
        return LaneStep(points, points[-1])
    if not one_round:
        return LaneStep(points, None)
    seen = bool(found) or after is None or after.seen
    if not is_last:
        return LaneStep(points, LanePoint(names[-1], start.position, "", seen))
    # A round without a job: no partition has as many.
    return LaneStep(points, LanePoint("", start.position + 1, "", seen=False) if seen else None)


def _turns(
    client: redis.Redis, keys: ProviderKeys, lane: str, after: LanePoint | None, partition: str | None
) -> tuple[list[str], int, bool]:
    """Partitions in the order of their turns, from which turn on, and whether they are the last."""
    if partition is not None:
        return [partition], 0, True
    turns = keys.root + "turns:" + lane
    total = client.llen(turns)
    if total <= PARTITIONS_AT_ONCE:
        names = texts(client.lrange(turns, 0, -1)) or [""]
        return [*names, *(name for name in _parked(client, keys, lane) if name not in names)], 0, True
    first = 0
    if after is not None and not (after.partition == "" and after.job_id == ""):
        found = client.lpos(turns, after.partition, maxlen=WALKED)
        first = found if isinstance(found, int) else 0
    names = texts(client.lrange(turns, first, first + PARTITIONS_AT_ONCE - 1))
    return names, first, first + len(names) >= total


def _parked(client: redis.Redis, keys: ProviderKeys, lane: str) -> list[str]:
    """Partitions that take no turns, because as many of their jobs run as may: they come last."""
    if not client.hexists(keys.root + "parked_in", lane):
        return []
    members = texts(client.zrange(keys.root + "parked", 0, PARTITIONS_AT_ONCE - 1))
    return [name for name, _, where in (member.partition("\1") for member in members) if where == lane]


def _lengths(client: redis.Redis, keys: ProviderKeys, lane: str, names: list[str]) -> list[int]:
    pipeline = client.pipeline(transaction=False)
    for name in names:
        pipeline.llen(_list(keys, lane, name))
    return list(pipeline.execute())


def _start(client: redis.Redis, keys: ProviderKeys, lane: str, names: list[str], after: LanePoint | None) -> Slot:
    """The slot behind which a step begins."""
    if after is None:
        return Slot(BEGINNING, 0)
    if after.job_id == "":
        return Slot(
            names.index(after.partition) if after.partition in names and after.partition else BEGINNING, after.index
        )
    if after.partition not in names:
        return Slot(BEGINNING, 0)
    index = _index_now(client, keys, _list(keys, lane, after.partition), after)
    return Slot(BEGINNING, 0) if index is None else Slot(names.index(after.partition), index)


def _index_now(client: redis.Redis, keys: ProviderKeys, where: str, after: LanePoint) -> int | None:
    """Where a job is in its list by now, or was when it was cancelled; None where it has been admitted, with all that were before it."""
    low = max(0, after.index - LOOKED_BACK)
    around = texts(client.lrange(where, low, after.index + LOOKED_AHEAD))
    if after.job_id in around:
        return low + around.index(after.job_id)
    walked = client.lpos(where, after.job_id, maxlen=WALKED)
    if isinstance(walked, int):
        return walked
    outcome = client.get(keys.outcome(after.job_id))
    return after.index - 1 if isinstance(outcome, bytes) and b'"cancelled"' in outcome else None


def _points(client: redis.Redis, keys: ProviderKeys, lane: str, names: list[str], found: list[Slot]) -> list[LanePoint]:
    """The ids in these slots: what has been admitted since the lengths were read is left out."""
    pipeline, runs = client.pipeline(transaction=False), _runs(found)
    for number, first, last in runs:
        pipeline.lrange(_list(keys, lane, names[number]), first, last)
    return [
        LanePoint(names[number], first + offset, job_id)
        for (number, first, _), ids in zip(runs, pipeline.execute(), strict=True)
        for offset, job_id in enumerate(texts(ids))
    ]


def _runs(found: list[Slot]) -> list[tuple[int, int, int]]:
    """Neighbours of one list as a range: its partition, and its first and its last position."""
    grouped = groupby(enumerate(found), key=lambda each: (each[1].partition, each[1].position - each[0]))
    runs = ([slot for _, slot in group] for _, group in grouped)
    return [(run[0].partition, run[0].position, run[-1].position) for run in runs]


def _list(keys: ProviderKeys, lane: str, partition: str) -> str:
    return f"{keys.root}ready:{lane}:{partition}" if partition else f"{keys.root}ready:{lane}"
