"""Early ends are remembered, stable runs forgive them, and time is given."""

from datetime import timedelta

from workers.supervisor.backoff import Backoff
from workers.supervisor.restarts import Restarts

BACKOFF = Backoff(first=timedelta(seconds=1), limit=timedelta(seconds=8), stable_after=timedelta(seconds=60))


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_is_due_at_once_and_not_while_it_runs() -> None:
    clock = Clock()
    restarts = Restarts("worker", BACKOFF, clock)
    assert restarts.is_due

    restarts.note_start()

    assert restarts.due is None
    assert not restarts.is_due


def test_each_early_end_and_each_failed_start_is_waited_for_longer_until_a_stable_run() -> None:
    clock = Clock()
    restarts = Restarts("worker", BACKOFF, clock)
    delays = []

    for ran_for in (0, 0, 59, None, 60, 0):
        if ran_for is None:
            restarts.note_failed_start()
        else:
            restarts.note_start()
            clock.now += ran_for
            restarts.note_end(exit_code=1)
        assert restarts.due is not None
        delays.append(restarts.due - clock.now)
        clock.now = restarts.due

    assert delays == [1, 2, 4, 8, 1, 2]
    assert restarts.is_due
