"""What is done to all jobs that a filter finds."""

from collections import Counter

import pytest

from leeward.jobs.priority import Priority
from leeward.status import JobState
from leeward_admin.jobs.bulk import changes
from leeward_admin.jobs.bulk.selection import EmptyJobFilter, select
from leeward_admin.jobs.listing import JobFilter
from tests.integration.broker.lab import Lab
from tests.integration.leeward_admin.jobs.listed import NOW, every, ids

ACME = JobFilter(partitions=("acme",))
MESSAGE = b'{"queue_name":"lab","actor_name":"act","args":[],"kwargs":{},"options":{"retries":2},"message_id":"x"}'


def test_all_that_match_are_cancelled_and_nothing_else(lab: Lab) -> None:
    lab.enqueue("running", partition="acme")
    lab.admit(1)
    lab.enqueue(*(f"acme-{number}" for number in range(600)), partition="acme")
    lab.enqueue("later", delay=5_000, partition="acme")
    lab.enqueue("other", partition="initech")

    selection = select(lab.client, ACME, now=NOW)
    done = sum(changes.cancel(lab.client, selection), Counter[str]())

    assert (selection.count, done) == (601, Counter(cancelled=601))
    assert ids(every(lab.client, JobState.READY)) == ["other"]
    assert lab.status("running") == "running"
    assert select(lab.client, ACME, now=NOW).count == 0


def test_a_job_that_began_to_run_after_it_was_selected_is_left_alone(lab: Lab) -> None:
    lab.enqueue("one", "two", partition="acme")
    selection = select(lab.client, ACME, now=NOW)
    lab.admit(1)

    assert sum(changes.cancel(lab.client, selection), Counter[str]()) == Counter(cancelled=1, running=1)


def test_only_waiting_or_only_scheduled_jobs_can_be_meant(lab: Lab) -> None:
    lab.enqueue("now", partition="acme")
    lab.enqueue("later", delay=5_000, partition="acme")

    scheduled = select(lab.client, ACME, now=NOW, states=(JobState.SCHEDULED,))

    assert [*scheduled.places["lab"]] == ["later"]


def test_a_filter_without_a_condition_is_refused(lab: Lab) -> None:
    with pytest.raises(EmptyJobFilter, match="all jobs of the fleet are never meant"):
        select(lab.client, JobFilter(), now=NOW)


@pytest.mark.parametrize("size", [30, 3_000])
def test_jobs_move_to_another_lane_and_each_is_still_run_once(lab: Lab, size: int) -> None:
    jobs = [f"job-{number}" for number in range(size)]
    lab.enqueue(*jobs[: size // 2], message=MESSAGE)
    lab.enqueue(*jobs[size // 2 :], message=MESSAGE.replace(b'"retries":2', b'"tags":["vip"]'))
    vips = jobs[size // 2 :]

    selection = select(lab.client, JobFilter(tags=("vip",)), now=NOW)
    done = sum(changes.move(lab.client, selection, Priority.INTERACTIVE), Counter[str]())

    assert done == Counter(moved=len(vips))
    first = every(lab.client, JobState.READY, limit=1_000)
    assert ids(first) == [*vips, *jobs[: size // 2]]
    assert {job.lane for job in first[: len(vips)]} == {"interactive"}
    admitted = [job_id for _ in range(size) for job_id in lab.admit(500).ids]
    assert sorted(admitted) == sorted(jobs)


def test_a_move_changes_the_message_so_that_a_retry_stays_in_the_lane(lab: Lab) -> None:
    lab.enqueue("job", message=MESSAGE, partition="acme")

    list(changes.move(lab.client, select(lab.client, ACME, now=NOW), Priority.BULK))

    (leased,) = lab.admit(1).jobs
    assert b'"priority":"bulk"' in leased.message
    assert b'"retries":2' in leased.message
    lab.settle(leased, "later", delay_ms=0)
    assert lab.client.hget(lab.keys.places, "job") == b"lab:bulk:acme"


def test_scheduled_jobs_become_due_in_their_new_lane(lab: Lab) -> None:
    lab.enqueue("later", delay=5_000, partition="acme", message=MESSAGE)

    done = sum(changes.move(lab.client, select(lab.client, ACME, now=NOW), Priority.BULK), Counter[str]())

    assert done == Counter(moved=1)
    assert lab.places_of("later") == ["scheduled"]
    assert lab.client.hget(lab.keys.places, "later") == b"lab:bulk:acme"


def test_a_partition_whose_jobs_all_moved_takes_no_turns_any_more(lab: Lab) -> None:
    lab.enqueue("one", "two", partition="acme", message=MESSAGE)
    lab.enqueue("own")

    list(changes.move(lab.client, select(lab.client, ACME, now=NOW), Priority.BULK))

    assert not lab.client.exists(lab.keys.root + "turns:lab:normal")
    assert lab.size() == [3, 0, 0]
    assert lab.admit(3).ids == ["own", "one", "two"]


def test_moving_there_and_back_leaves_every_job_once(lab: Lab) -> None:
    lab.enqueue(*(f"job-{number}" for number in range(1_500)), message=MESSAGE)

    for lane in (Priority.BULK, Priority.NORMAL, Priority.BULK):
        list(changes.move(lab.client, select(lab.client, JobFilter(queues=("lab",)), now=NOW), lane))

    assert lab.size() == [1_500, 0, 0]
    admitted = [job_id for _ in range(10) for job_id in lab.admit(500).ids]
    assert sorted(admitted) == sorted(f"job-{number}" for number in range(1_500))
