"""What waits for a thread: nothing is lost, taken twice or overtaken, whoever puts and takes."""

import queue
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.work_queue import WorkQueue


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
