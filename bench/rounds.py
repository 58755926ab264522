"""Rounds: every contender once, then every contender again, so that whatever else the machine does hits all of them."""

from collections.abc import Callable, Mapping
from typing import TypeVar

Figure = TypeVar("Figure")


def interleaved(rounds: int, contenders: Mapping[str, Callable[[], Figure]]) -> dict[str, list[Figure]]:
    """Each contender's figures, in the order of the rounds."""
    figures: dict[str, list[Figure]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            figures[name].append(measure())
    return figures
