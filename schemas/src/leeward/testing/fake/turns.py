"""Which job a fake fleet runs next: by lane, then in turns of the lane's partitions, then in the order of the queue."""

from collections.abc import Sequence

from leeward.jobs.priority import LANES
from leeward.testing.fake.job import FakeJob

OWN = ""
"""The turn of a lane's jobs without a partition: there while any partition is."""


class Turns:
    """The turns of every lane, next first: the rule of `lane_turns.lua`."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str], list[str]] = {}

    def next(self, ready: Sequence[FakeJob]) -> FakeJob | None:
        """The next of the jobs that may run, which are in the order in which they became ready. None where there are none."""
        first = min(ready, key=lambda job: LANES.index(job.priority), default=None)
        if first is None:
            return None
        lane = [job for job in ready if (job.queue, job.priority) == (first.queue, first.priority)]
        turns = self._turns.setdefault((first.queue, first.priority), [])
        _join(turns, lane)
        return _take(turns, lane) if turns else lane[0]


def _join(turns: list[str], lane: Sequence[FakeJob]) -> None:
    for partition in dict.fromkeys(job.partition for job in lane if job.partition):
        if partition not in turns:
            turns.extend([partition] if turns else [partition, OWN])


def _take(turns: list[str], lane: Sequence[FakeJob]) -> FakeJob:
    waiting = [job.partition or OWN for job in lane]
    while (turn := turns.pop(0)) not in waiting:
        if turn == OWN:
            turns.append(turn)
    if turn == OWN or waiting.count(turn) > 1:
        turns.append(turn)
    if turns == [OWN]:
        turns.clear()
    return next(job for job in lane if (job.partition or OWN) == turn)
