"""The list of waiting jobs, compared with the order in which a worker gets them."""

import random

import pytest

from broker.fleet.jobs import lane_jobs
from leeward.jobs.priority import Priority
from leeward.status import JobState
from leeward.wire.keys import QUEUES
from leeward_admin.jobs.listing import InvalidJobCursor, JobFilter, page
from tests.integration.broker.lab import Lab
from tests.integration.leeward_admin.jobs.listed import NOW, every, ids


def admitted(lab: Lab) -> list[str]:
    found: list[str] = []
    while some := lab.admit(3).ids:
        found += some
    return found


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_jobs_are_listed_in_the_order_in_which_a_worker_gets_them(lab: Lab, limit: int) -> None:
    chance = random.Random(5)
    for number in range(60):
        lab.enqueue(f"job-{number}", partition=chance.choice(["", "acme", "initech", "umbrella"]))
    lab.admit(5)

    listed = ids(every(lab.client, JobState.READY, limit=limit))

    assert listed == admitted(lab)
    assert len(listed) == 55


def test_more_partitions_than_one_step_reads_are_listed_round_by_round(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        lab.enqueue(f"job-{number}", partition=f"tenant-{number % 13}")
    monkeypatch.setattr(lane_jobs, "PARTITIONS_AT_ONCE", 4)

    listed = ids(every(lab.client, JobState.READY))

    assert listed == admitted(lab)


def test_higher_lanes_come_first_and_a_lane_can_be_chosen(lab: Lab) -> None:
    lab.enqueue("later", lane="bulk")
    lab.enqueue("soon", lane="interactive")
    lab.enqueue("usual")

    assert ids(every(lab.client, JobState.READY)) == ["soon", "usual", "later"]
    assert ids(every(lab.client, JobState.READY, JobFilter(lanes=(Priority.BULK,)))) == ["later"]


def test_a_page_continues_behind_its_last_job_however_many_were_admitted_meanwhile(lab: Lab) -> None:
    lab.enqueue(*(f"job-{number}" for number in range(20)))
    first = page(lab.client, JobState.READY, JobFilter(), now=NOW, limit=5)
    lab.admit(3)

    second = page(lab.client, JobState.READY, JobFilter(), now=NOW, limit=5, after=str(first.after))
    lab.admit(12)
    third = page(lab.client, JobState.READY, JobFilter(), now=NOW, limit=5, after=str(second.after))

    assert ids(second.jobs) == [f"job-{number}" for number in range(5, 10)]
    assert ids(third.jobs) == [f"job-{number}" for number in range(15, 20)]


def test_a_page_continues_where_a_cancelled_job_was(lab: Lab) -> None:
    lab.enqueue(*(f"job-{number}" for number in range(20)))
    first = page(lab.client, JobState.READY, JobFilter(), now=NOW, limit=5)
    lab.cancel("job-4")

    second = page(lab.client, JobState.READY, JobFilter(), now=NOW, limit=5, after=str(first.after))

    assert ids(second.jobs) == [f"job-{number}" for number in range(5, 10)]


def test_a_filter_without_an_index_looks_at_a_bounded_number_and_says_so(lab: Lab) -> None:
    lab.enqueue(*(f"job-{number}" for number in range(30)))
    lab.enqueue("wanted", partition="acme")

    found = page(lab.client, JobState.READY, JobFilter(kinds=("other",)), now=NOW, limit=5, looked_at_most=10)

    assert (found.jobs, found.looked_at, found.is_partial) == ([], 10, True)
    assert found.after is not None
    assert ids(every(lab.client, JobState.READY, JobFilter(partitions=("acme",)))) == ["wanted"]


def test_queues_follow_each_other_by_name(lab: Lab) -> None:
    lab.client.sadd(QUEUES, "a.lab")
    lab.enqueue("second")
    lab.enqueue("first", queue="a.lab")

    jobs = every(lab.client, JobState.READY, limit=1)

    assert [(job.queue, job.job_id) for job in jobs] == [("a.lab", "first"), ("lab", "second")]


@pytest.mark.parametrize("text", ["", "rubbish", "W10", "WyJyZWFkeSIsMV0"])
def test_a_cursor_of_nowhere_is_refused(lab: Lab, text: str) -> None:
    with pytest.raises(InvalidJobCursor, match="copy the `next`"):
        page(lab.client, JobState.READY, JobFilter(), now=NOW, limit=5, after=text)
