"""How many jobs a process may hold: what it will finish soon, so that it keeps no job that another worker could run.

Pure rules: numbers in, a number out.
"""

import math
from datetime import timedelta

HORIZON = timedelta(milliseconds=20)
"""A process holds about what it will finish within this time."""
WINDOW = timedelta(milliseconds=100)
"""Over which the pace is measured."""
MOST = 512


def target(finished_in_window: int) -> int:
    """How many fast jobs to hold, from how many were finished within the last `WINDOW`."""
    return min(MOST, round(finished_in_window * (HORIZON / WINDOW)))


def room(*, threads: int, handed_out: int, held_here: int, finished_in_window: int) -> int:
    """How many more jobs of one queue to ask for.

    Args:
        threads: worker threads of this process.
        handed_out: jobs of all queues that threads run or have before them.
        held_here: jobs of this queue that the process holds, run or not.
        finished_in_window: jobs of this queue finished within the last `WINDOW`.

    Returns:
        One for each idle thread, or as many as the pace of this queue allows beyond what is held, whichever is more. Half-empty before
        it is refilled, so that fast jobs come in batches instead of one by one. Where another queue runs ahead by its pace, this one may
        have as many as there are threads, so that it is not starved.
    """
    running_ahead = handed_out > threads
    idle = threads - held_here if running_ahead else threads - max(handed_out, held_here)
    wanted = target(finished_in_window)
    refill = wanted - held_here if held_here <= wanted // 2 else 0
    return min(MOST, max(0, idle, refill))


def thread_cap(*, threads: int, share: float, providers: int) -> int:
    """How many threads one provider's jobs may take. In a process that serves no other provider: all. Otherwise its share, at least one and
    never all, so that other providers do not wait for one that hangs.
    """
    if providers <= 1 or threads == 1:
        return threads
    return min(threads - 1, max(1, math.floor(threads * share)))
