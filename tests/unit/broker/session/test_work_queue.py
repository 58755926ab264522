"""What waits for a thread: nothing is lost, taken twice or overtaken, whoever puts and takes."""

import queue
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.session.work_queue import WorkQueue
from tests.support.waiting import wait_until


@dataclass
class Item:
    priority: int
    number: int


def taken(work: WorkQueue) -> list[Item]:
    found = []
    while True:
        try:
            found.append(work.get_nowait())
        except queue.Empty:
            return found


@given(st.lists(st.integers(-3, 3)))
def test_it_gives_by_priority_then_in_the_order_of_coming(priorities: list[int]) -> None:
    work = WorkQueue()
    items = [Item(priority, number) for number, priority in enumerate(priorities)]
    for item in items:
        work.put(item)

    assert taken(work) == sorted(items, key=lambda item: (item.priority, item.number))


def test_who_waits_too_long_goes_with_nothing() -> None:
    with pytest.raises(queue.Empty):
        WorkQueue().get(timeout=0.01)


def test_who_waits_is_given_what_comes() -> None:
    work, given_ = WorkQueue(), []
    waiter = threading.Thread(target=lambda: given_.append(work.get(timeout=60)))
    waiter.start()
    item = Item(0, 1)

    work.put(item)
    waiter.join(60)

    assert given_ == [item]


def test_many_threads_put_and_take_each_item_once_and_join_waits_for_the_last() -> None:
    work: WorkQueue = WorkQueue()

    def put(start: int) -> None:
        for number in range(start, start + 2_000):
            work.put(Item(number % 3, number))

    def take(_: int) -> list[int]:
        numbers = []
        for _ in range(2_000):
            numbers.append(work.get(timeout=60).number)
            work.task_done()
        return numbers

    with ThreadPoolExecutor(8) as threads:
        putting, taking = threads.map(put, range(0, 8_000, 2_000)), threads.map(take, range(4))
        list(putting)
        work.join()
        assert work.unfinished_tasks == 0
        assert Counter(number for numbers in taking for number in numbers) == Counter(range(8_000))


def test_more_cannot_be_done_than_was_put_in() -> None:
    with pytest.raises(ValueError, match="more often"):
        WorkQueue().task_done()


def test_who_is_woken_too_late_for_both_the_item_and_the_deadline_goes_with_nothing() -> None:
    """`queue.SimpleQueue` waits for ever then, on CPython 3.11 and 3.12: its time left is below zero, which it reads as no limit."""
    work, ended = WorkQueue(), threading.Event()

    def wait() -> None:
        with pytest.raises(queue.Empty):
            work.get(timeout=0.2)
        ended.set()

    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    wait_until(lambda: _waits(waiter), description="a thread that waits")
    with _nobody_else_runs():
        work.put(Item(0, 1))
        work.get_nowait()
        _spin(seconds=0.4)

    assert ended.wait(20)


@pytest.mark.parametrize("threads", [1, 2, 8, 32])
@pytest.mark.parametrize("timeout", [0.001, 0.02])
def test_threads_that_wait_with_a_limit_come_back_whatever_happens_around_them(threads: int, timeout: float) -> None:
    """Bursts of items, and a thread that does not let go of the interpreter: what makes a wake-up late."""
    work, looks, stopping = WorkQueue(), [0] * threads, threading.Event()

    def take(number: int) -> None:
        while not stopping.is_set():
            with suppress(queue.Empty):
                work.get(timeout=timeout)
                work.task_done()
            looks[number] += 1

    def all_above(before: list[int]) -> bool:
        return all(now > then for now, then in zip(looks, before, strict=True))

    takers = [threading.Thread(target=take, args=(number,), daemon=True) for number in range(threads)]
    for taker in takers:
        taker.start()
    for _ in range(5):
        for number in range(40):
            work.put(Item(0, number))
            _spin(seconds=timeout / 10)
        before = looks.copy()
        wait_until(
            partial(all_above, before),
            description=f"each of {threads} threads to come back",
        )
    work.join()
    stopping.set()
    for taker in takers:
        taker.join(20)

    assert not any(taker.is_alive() for taker in takers)


def test_no_thread_sleeps_beside_an_item() -> None:
    """Whoever takes and gives up: as many limitless waiters as items all get one."""
    work: WorkQueue = WorkQueue()
    with ThreadPoolExecutor(24) as threads:
        for _ in range(40):
            impatient = [threads.submit(_taken_within, work, 0.0005) for _ in range(8)]
            patient = [threads.submit(work.get) for _ in range(16)]
            for number in range(24):
                work.put(Item(0, number))
            got = [each.result(20) for each in patient] + [one for each in impatient if (one := each.result(20))]
            assert len({item.number for item in (*got, *taken(work))}) == 24


def test_however_many_items_come_they_wake_one_thread_which_wakes_the_next() -> None:
    """A thread woken for each item would take the interpreter from the one that has just begun with the first."""
    work: WorkQueue = WorkQueue()
    signals, release = [], work._signal

    def counted() -> None:
        if work._may_have_items.locked():
            signals.append(threading.current_thread())
        release()

    work._signal = counted  # type: ignore[method-assign]
    for number in range(256):
        work.put(Item(0, number))

    assert len(signals) == 1
    assert len(taken(work)) == 256


def _waits(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code is WorkQueue._wait.__code__


def _taken_within(work: WorkQueue, seconds: float) -> Item | None:
    try:
        item: Item = work.get(timeout=seconds)
    except queue.Empty:
        return None
    return item


def _spin(*, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


@contextmanager
def _nobody_else_runs() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
