"""Partitions of a lane take turns."""

from collections import Counter
from typing import Any

from broker.fleet.queues import queue_states
from leeward.jobs.priority import Priority
from leeward.wire.keys import QUEUES
from tests.integration.broker.lab import Lab


def names(prefix: str, n: int) -> list[str]:
    return [f"{prefix}-{number}" for number in range(n)]


def enqueue(lab: Lab, prefix: str, n: int, **options: Any) -> list[str]:
    ids = names(prefix, n)
    for start in range(0, n, 500):
        lab.enqueue(*ids[start : start + 500], **options)
    return ids


def admitted(lab: Lab, n: int, each: int = 1) -> list[str]:
    ids = []
    for _ in range(n // each):
        admission = lab.admit(each)
        lab.succeed(*admission.jobs)
        ids += admission.ids
    return ids


def test_ten_thousand_jobs_of_one_tenant_do_not_delay_ten_of_another(lab: Lab) -> None:
    enqueue(lab, "big", 10_000, partition="big")
    ten = enqueue(lab, "small", 10, partition="small")

    first = admitted(lab, 20)

    assert [one for one in first if one in ten] == ten
    assert Counter(one.split("-")[0] for one in first) == {"big": 10, "small": 10}


def test_one_at_a_time_or_many_at_once_the_turns_are_the_same(lab: Lab) -> None:
    for tenant in "abc":
        enqueue(lab, tenant, 30, partition=tenant)

    assert Counter(one[0] for one in admitted(lab, 30, each=10)) == {"a": 10, "b": 10, "c": 10}
    assert Counter(one[0] for one in admitted(lab, 30, each=1)) == {"a": 10, "b": 10, "c": 10}


def test_jobs_without_a_partition_take_turns_as_one_more(lab: Lab) -> None:
    enqueue(lab, "own", 1_000)
    enqueue(lab, "a", 10, partition="a")
    enqueue(lab, "b", 10, partition="b")

    first = admitted(lab, 30)

    assert Counter(one.split("-")[0] for one in first) == {"own": 10, "a": 10, "b": 10}
    assert admitted(lab, 980, each=490) == names("own", 1_000)[10:990]


def test_inside_a_partition_the_order_is_kept(lab: Lab) -> None:
    a, b = enqueue(lab, "a", 40, partition="a"), enqueue(lab, "b", 7, partition="b")

    order = admitted(lab, 47)

    assert [one for one in order if one in set(a)] == a
    assert [one for one in order if one in set(b)] == b


def test_a_lane_still_goes_before_the_lanes_below_it(lab: Lab) -> None:
    lab.enqueue("bulk", lane="bulk", partition="a")
    enqueue(lab, "now", 3, lane="interactive", partition="b")

    assert lab.admit(4).ids == [*names("now", 3), "bulk"]


def test_a_released_job_is_the_next_of_its_partition(lab: Lab) -> None:
    enqueue(lab, "a", 3, partition="a")
    (first,) = lab.admit(1).jobs
    lab.settle(first, "release")

    assert lab.admit(3).ids == names("a", 3)


def test_a_due_job_joins_its_partition(lab: Lab) -> None:
    lab.enqueue("late", partition="a", delay=1_000)
    lab.now += 1_000

    assert lab.admit(1).ids == ["late"]


def test_a_cancelled_jobs_partition_has_no_second_turn(lab: Lab) -> None:
    for _ in range(5):
        lab.enqueue("gone", partition="a")
        assert lab.cancel("gone") == "cancelled"
    enqueue(lab, "a", 10, partition="a")
    enqueue(lab, "b", 10, partition="b")

    assert Counter(one[0] for one in admitted(lab, 10)) == {"a": 5, "b": 5}


def test_flushing_drops_all_partitions(lab: Lab) -> None:
    enqueue(lab, "own", 10)
    for tenant in "abc":
        enqueue(lab, tenant, 400, partition=tenant)
    dropped = 0
    while n := lab.flush():
        dropped += n

    assert dropped == 1_210
    assert lab.size() == [0, 0, 0]
    assert not lab.client.keys("leeward:{lab}:ready*")
    assert not lab.client.keys("leeward:{lab}:turns*")


def test_nothing_is_left_when_all_are_done(lab: Lab) -> None:
    enqueue(lab, "own", 3)
    enqueue(lab, "a", 2, partition="a")
    assert len(admitted(lab, 5)) == 5

    lab.admit(1)

    assert not lab.client.keys("leeward:{lab}:turns*")


def test_the_states_of_queues_count_partitions(lab: Lab) -> None:
    lab.client.sadd(QUEUES, "lab")
    enqueue(lab, "own", 3)
    enqueue(lab, "a", 2, partition="a")
    enqueue(lab, "bulk", 4, lane="bulk", partition="a")

    (state,) = queue_states(lab.client)

    assert state.ready == {Priority.INTERACTIVE: 0, Priority.NORMAL: 5, Priority.BULK: 4}
    assert lab.size()[0] == 9


def test_any_text_is_a_partition(lab: Lab) -> None:
    for partition in ("a:b", "{x}", "", "ümläut *", ":"):
        lab.enqueue(f"job of {partition}", partition=partition)

    assert len(lab.admit(10).ids) == 5
