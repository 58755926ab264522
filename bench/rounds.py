"""Rounds: every contender once, then every contender again, so that whatever else the machine does hits all of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from bench.quantiles import median

Figure = TypeVar("Figure")


def interleaved(rounds: int, contenders: Mapping[str, Callable[[], Figure]]) -> dict[str, list[Figure]]:
    """Each contender's figures, in the order of the rounds."""
    figures: dict[str, list[Figure]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            figures[name].append(measure())
    return figures


def times_faster(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How many times faster, as the median of the rounds' own ratios: neighbours in time share whatever else the machine was doing.

    Raises:
        ValueError: not the same number of rounds, or none.
    """
    return median([one / other for one, other in zip(ours, theirs, strict=True)])
