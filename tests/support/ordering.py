"""Which tests are costly, and in what order a whole run takes their files."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeVar

import pytest

COSTLY_FIXTURES = {"own_valkey", "own_postgres", "postgres_server", "start_process"}
"""What starts a process or a server for one test. The session's Valkey starts in a moment and is shared."""
COSTLY_FOLDERS = ("tests/acceptance/", "tests/chaos/", "tests/contract/", "tests/integration/bench/")
WAITING_FOLDERS = ("tests/acceptance/", "tests/chaos/")
"""Whose tests wait for processes and leases most of their time."""
SPREAD = 0.8
"""Over how much of a run the files that wait are spread: its end is for short ones, so that all processors end together."""

T = TypeVar("T")


def mark_costly(items: Sequence[pytest.Item]) -> None:
    """Adds the marker `costly`, by which `script/test --quick` leaves tests out."""
    for item in items:
        fixtures = COSTLY_FIXTURES & set(getattr(item, "fixturenames", ()))
        if fixtures or item.nodeid.startswith(COSTLY_FOLDERS):
            item.add_marker("costly")


def waiting_beside_working(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Puts files whose tests wait between files whose tests work, so that processors have something to do meanwhile."""
    files = [list(group) for _, group in groupby(items, key=lambda item: item.nodeid.partition("::")[0])]
    return [item for file in spread(files, lambda file: file[0].nodeid.startswith(WAITING_FOLDERS)) for item in file]


def spread(these: Sequence[T], is_special: Callable[[T], bool]) -> list[T]:
    """Puts the special ones evenly between the others, as far as `SPREAD` says. Each kind keeps its order."""
    special = [one for one in these if is_special(one)]
    others = [one for one in these if not is_special(one)]
    step = SPREAD * len(others) / len(special) if special else 0.0
    placed = [(round(number * step), 0, number, one) for number, one in enumerate(special)]
    placed += [(number, 1, number, one) for number, one in enumerate(others)]
    return [one for *_, one in sorted(placed, key=lambda place: place[:3])]
