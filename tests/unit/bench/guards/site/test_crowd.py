import threading

from bench.guards.site.crowd import Crowd
from tests.support.waiting import wait_until


class Caller:
    """Takes a place in a thread of its own, until it is told to leave."""

    def __init__(self, crowd: Crowd) -> None:
        self.let_in: bool | None = None
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._stay, args=(crowd,))
        self._thread.start()

    def leave(self) -> None:
        self._leave.set()
        self._thread.join()

    def _stay(self, crowd: Crowd) -> None:
        with crowd.place() as let_in:
            self.let_in = let_in
            self._leave.wait()


def inside(callers: list[Caller]) -> list[bool]:
    return [bool(caller.let_in) for caller in callers]


def test_who_comes_beyond_the_capacity_waits_and_is_let_in_in_order() -> None:
    crowd = Crowd(1, queue=2)
    callers: list[Caller] = []
    for _ in range(3):
        callers.append(Caller(crowd))
        wait_until(lambda: len(crowd._waiting) + crowd._inside == len(callers), description="the caller to come")
    assert inside(callers) == [True, False, False]

    callers[0].leave()
    wait_until(lambda: callers[1].let_in, description="the next to be let in")
    assert inside(callers) == [True, True, False]
    callers[1].leave()
    callers[2].leave()


def test_who_comes_beyond_the_queue_is_sent_away_at_once() -> None:
    crowd = Crowd(1, queue=0)
    first = Caller(crowd)
    wait_until(lambda: first.let_in, description="the first to be let in")

    with crowd.place() as let_in:
        assert let_in is False
    first.leave()
    with crowd.place() as let_in:
        assert let_in is True


def test_more_capacity_lets_those_in_who_wait_and_less_sends_nobody_away() -> None:
    crowd = Crowd(1, queue=9)
    callers = [Caller(crowd) for _ in range(3)]
    wait_until(lambda: sum(inside(callers)) == 1 and len(crowd._waiting) == 2, description="all to come")

    crowd.capacity = 3
    wait_until(lambda: all(inside(callers)), description="all to be let in")
    crowd.capacity = 1
    assert all(inside(callers))
    for caller in callers:
        caller.leave()
