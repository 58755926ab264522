"""Time as a test may count it: slower while the machine has more to run than it has processors for."""

import os
import time
from pathlib import Path

SAMPLE_SECONDS = 0.1
SLOWEST = 1 / 15
"""What waits for a condition that never comes has an end on any machine."""

_STAT = Path("/proc/stat")


def speed() -> float:
    """The share of a processor that each runnable task has now, 1.0 on a machine that is not overloaded (or is no Linux)."""
    try:
        text = _STAT.read_text()
    except OSError:
        return 1.0
    return speed_of(text, processors=len(os.sched_getaffinity(0)))


def speed_of(stat: str, *, processors: int) -> float:
    """The same, of a text as `/proc/stat` has it."""
    running = next((int(line.split()[1]) for line in stat.splitlines() if line.startswith("procs_running ")), 1)
    return max(SLOWEST, min(1.0, processors / max(running, 1)))


class Patience:
    """So many seconds of a machine that has time for us. A broken promise is found in that time; a slow machine gets longer."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._seen = time.monotonic()

    @property
    def is_over(self) -> bool:
        passed = time.monotonic() - self._seen
        if passed >= min(SAMPLE_SECONDS, self._left):
            self._seen += passed
            self._left -= passed * speed()
        return self._left <= 0
