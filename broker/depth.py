"""How many jobs a process may hold: what it will finish soon, so that nobody hoards what another worker could do.

A pure rule: numbers in, a number out.
"""

from datetime import timedelta

HORIZON = timedelta(milliseconds=20)
"""A process holds about what it will finish within this time."""
WINDOW = timedelta(milliseconds=100)
"""Over which the pace is measured."""
MOST = 512


def target(finished_in_window: int) -> int:
    """How many fast jobs to hold, from how many were finished within the last `WINDOW`."""
    return min(MOST, round(finished_in_window * (HORIZON / WINDOW)))


def room(*, threads: int, held: int, held_here: int, finished_in_window: int) -> int:
    """How many more jobs of one queue to ask for.

    Args:
        threads: worker threads of this process.
        held: jobs of all queues that this process holds and has not finished.
        held_here: those of this queue.
        finished_in_window: jobs of this queue finished within the last `WINDOW`.

    Returns:
        One for each idle thread, or as many as the pace of this queue allows beyond what is held, whichever is more. Half-empty before
        it is refilled, so that fast jobs come in batches instead of one by one.
    """
    idle = max(0, threads - held)
    wanted = target(finished_in_window)
    refill = wanted - held_here if held_here <= wanted // 2 else 0
    return min(MOST, max(idle, refill))
