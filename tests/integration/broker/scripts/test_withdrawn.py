"""Cancelling costs the same however many jobs wait, and leaves the queue as if the job had never been there."""

import random
from typing import Any

import pytest

from leeward.wire.script_source import source
from tests.integration.broker.lab import Lab

LONG = 2_500


def wait(lab: Lab, n: int = LONG, *, prefix: str = "job", **options: Any) -> list[str]:
    ids = [f"{prefix}-{k}" for k in range(n)]
    for start in range(0, n, 500):
        lab.enqueue(*ids[start : start + 500], **options)
    return ids


def ready(lab: Lab) -> list[int]:
    found: list[int] = lab.client.eval(source("broker.scripts", "ready.lua"), 1, lab.keys.root, lab.queue)
    return found


def drain(lab: Lab) -> list[str]:
    order: list[str] = []
    while (admission := lab.admit(100)).jobs or admission.look_at == lab.now:
        order += admission.ids
        lab.succeed(*admission.jobs)
    return order


CHOICES = {
    "the last": slice(-700, None),
    "the first": slice(None, 700),
    "the middle": slice(900, 1_600),
    "every other": slice(None, None, 2),
    "all": slice(None),
    "one": slice(1_200, 1_201),
    "all but the ends": slice(1, -1),
}


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("partition", ["", "tenant"])
def test_what_is_left_runs_in_its_order_and_is_counted(lab: Lab, choice: str, backwards: bool, partition: str) -> None:
    ids = wait(lab, partition=partition)
    chosen = ids[CHOICES[choice]]
    for job_id in reversed(chosen) if backwards else chosen:
        assert lab.cancel(job_id) == "cancelled"
    left = [job_id for job_id in ids if job_id not in set(chosen)]

    assert ready(lab) == [0, len(left), 0]
    assert drain(lab) == left
    assert ready(lab) == [0, 0, 0]
    names = ("withdrawn", "withdrawn_at", "partitioned", "turns:lab:normal", "ready:lab:normal")
    assert not [name for name in names if lab.client.exists(lab.keys.root + name)]


def test_the_cost_does_not_grow_with_the_queue(lab: Lab) -> None:
    """By what the server is asked to do, which says the same on a busy machine: no command walks a long list."""
    ids = wait(lab, 5_000)
    lab.client.config_resetstat()

    for job_id in random.Random(1).sample(ids, 300):
        lab.cancel(job_id)

    assert "cmdstat_lrem" not in lab.client.info("commandstats")


def test_what_is_enqueued_and_withdrawn_again_and_again_leaves_little(lab: Lab) -> None:
    """A caller that replaces its waiting job by a newer one, while the first of the queue waits for hours."""
    wait(lab, 1_500)
    for n in range(3_000):
        lab.enqueue(f"new-{n}")
        if n:
            lab.cancel(f"new-{n - 1}")

    assert lab.client.llen(lab.keys.ready("lab", "normal")) < 1_500 + 1_200


def test_a_cancelled_id_that_is_enqueued_again_waits_at_the_end_once(lab: Lab) -> None:
    ids = wait(lab)
    for job_id in (ids[1_000], ids[2_000]):
        lab.cancel(job_id)
        assert lab.enqueue(job_id) == []
        assert lab.places_of(job_id) == ["ready:lab:normal"]

    assert drain(lab)[-2:] == [ids[1_000], ids[2_000]]


@pytest.mark.parametrize("where", [{"lane": "bulk"}, {"partition": "other"}, {"delay": 1_000}])
def test_it_may_wait_elsewhere_then(lab: Lab, where: dict[str, Any]) -> None:
    ids = wait(lab)
    lab.cancel(ids[1_500])

    assert lab.enqueue(ids[1_500], **where) == []

    assert len(lab.places_of(ids[1_500])) == 1
    lab.now += 1_000
    assert once_each(drain(lab)) == set(ids)


def once_each(ids: list[str]) -> set[str]:
    assert len(ids) == len(set(ids)), "a job ran twice"
    return set(ids)


def test_a_cancelled_jobs_key_is_free_and_its_outcome_known(lab: Lab) -> None:
    ids = wait(lab)
    lab.enqueue("keyed", key="k")

    assert lab.cancel("keyed", "k") == "cancelled"
    assert lab.cancel("keyed", "k") == "unknown"

    assert lab.status("keyed") == "cancelled"
    assert lab.enqueue("again", key="k") == []
    assert lab.cancel(ids[0]) == "cancelled"


def test_an_admit_passes_over_so_many_and_goes_on_at_once(lab: Lab) -> None:
    ids = wait(lab, 4_000)
    # Out of order, so that most are left in the middle.
    for job_id in ids[1_000:3_000]:
        lab.cancel(job_id)
    lab.succeed(*lab.admit(1_000).jobs)

    rounds = 0
    while not (admission := lab.admit(10)).jobs:
        assert (admission.why, admission.look_at) == ("empty", lab.now)
        rounds += 1

    assert admission.ids[0] == ids[3_000]
    assert rounds <= 2


def test_one_by_one_of_many_partitions_they_leave_their_turns_when_it_comes(lab: Lab) -> None:
    """Each has one job: to look for its turn would be a walk over all of them."""
    for k in range(1_500):
        lab.enqueue(f"{k}", partition=f"p{k}")
    lab.client.config_resetstat()
    for k in range(0, 1_500, 3):
        lab.cancel(f"{k}")
    assert lab.client.info("commandstats").get("cmdstat_lrem", {"calls": 0})["calls"] == 0

    assert ready(lab) == [0, 1_000, 0]
    assert drain(lab) == [f"{k}" for k in range(1_500) if k % 3]
    assert not lab.client.exists(lab.keys.root + "turns:lab:normal")


def test_workers_of_an_older_release_take_ids_off_without_a_word(lab: Lab) -> None:
    """And the counts are right again when they have."""
    ids = wait(lab, 1_200)
    for job_id in ids[100:200]:
        lab.cancel(job_id)
    for _ in range(1_200):
        lab.client.lpop(lab.keys.ready("lab", "normal"))

    assert ready(lab) == [0, 0, 0]
    lab.client.delete(lab.keys.jobs)
    lab.enqueue("a", "b")
    assert drain(lab) == ["a", "b"]


def test_jobs_that_an_older_release_put_into_partitions_are_counted(lab: Lab) -> None:
    for k in range(300):
        lab.enqueue(f"{k}", partition=f"p{k}")
    lab.client.delete(lab.keys.root + "partitioned")
    lab.enqueue("bulk", lane="bulk", partition="a")

    assert ready(lab) == [0, 300, 1]
