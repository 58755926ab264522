"""Threads that want the same thing share one doing."""

import threading
from datetime import timedelta

import pytest

from leeward.extension.errors import Busy
from providers.plex.coalescing import Coalescing
from tests.support.waiting import wait_until

LONG = timedelta(seconds=30)


class Work:
    """Counts how often it is done, and waits to be let go."""

    def __init__(self) -> None:
        self.done, self.begun, self.go = 0, threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        assert self.go.wait(30)
        self.done += 1


def test_who_comes_later_gets_the_next_one_together() -> None:
    line, work, did = Coalescing(), Work(), list[bool]()

    def ask() -> None:
        did.append(line.run("a", work, at_most=LONG))

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(5)]
    threads[0].start()
    assert work.begun.wait(30)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: line._lines["a"].users == 5, description="all have asked")
    work.go.set()
    for thread in threads:
        thread.join(30)

    assert work.done == 2
    assert sorted(did) == [False, False, False, True, True]
    assert not line._lines


def test_different_things_do_not_wait_for_each_other() -> None:
    line, work = Coalescing(), Work()
    thread = threading.Thread(target=line.run, args=("a", work), kwargs={"at_most": LONG}, daemon=True)
    thread.start()
    assert work.begun.wait(30)

    assert line.run("b", lambda: None, at_most=LONG)
    work.go.set()
    thread.join(30)


def test_who_waits_too_long_tries_again_later() -> None:
    line, work = Coalescing(), Work()
    thread = threading.Thread(target=line.run, args=("a", work), kwargs={"at_most": LONG}, daemon=True)
    thread.start()
    assert work.begun.wait(30)

    with pytest.raises(Busy):
        line.run("a", lambda: None, at_most=timedelta(milliseconds=20))
    work.go.set()
    thread.join(30)
    assert line.run("a", lambda: None, at_most=LONG)


def test_a_failure_is_that_of_all_who_waited_for_it() -> None:
    line, work = Coalescing(), Work()
    failures: list[str] = []

    def fail() -> None:
        raise ValueError("no")

    def ask() -> None:
        try:
            line.run("a", fail, at_most=LONG)
        except ValueError as error:
            failures.append(str(error))

    first = threading.Thread(target=line.run, args=("a", work), kwargs={"at_most": LONG}, daemon=True)
    first.start()
    assert work.begun.wait(30)
    threads = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: line._lines["a"].users == 4, description="all have asked")
    work.go.set()
    for thread in (first, *threads):
        thread.join(30)

    assert failures == ["no"] * 3


def test_a_job_that_is_stopped_leaves_the_others_to_try_again() -> None:
    line = Coalescing()

    def stopped() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        line.run("a", stopped, at_most=LONG)
    assert line.run("a", lambda: None, at_most=LONG)
