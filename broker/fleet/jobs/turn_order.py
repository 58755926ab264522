"""Rule: the order in which the jobs of a lane are admitted whose partitions take turns (`broker/scripts/parts/turns.lua`)."""

from collections.abc import Sequence
from typing import NamedTuple

BEGINNING = -1


class Slot(NamedTuple):
    """One job: the number of its partition in the turns, and its position in that partition's list."""

    partition: int
    position: int


def slots(lengths: Sequence[int], *, position: int = 0, partition: int = BEGINNING, at_most: int) -> list[Slot]:
    """The next jobs: one of each partition in turn, round by round.

    Args:
        lengths: how many jobs wait in each partition, in the order of the turns.
        position: of the slot behind which to begin.
        partition: of that slot.
        at_most: of these many.
    """
    found: list[Slot] = []
    left = [number for number, length in enumerate(lengths) if length > position]
    now = [number for number in left if number > partition]
    while left and len(found) < at_most:
        found += [Slot(number, position) for number in now[: at_most - len(found)]]
        position += 1
        left = now = [number for number in left if lengths[number] > position]
    return found
