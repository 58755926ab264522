"""Lists of jobs that are scheduled, that run, and that ended."""

from datetime import timedelta

from leeward.jobs.dead_reason import DeadReason
from leeward.status import JobState
from leeward.wire.keys import QUEUES
from leeward_admin.jobs.listing import JobFilter, page
from tests.integration.broker.lab import Lab
from tests.integration.leeward_admin.jobs.listed import NOW, every, ids


def test_scheduled_jobs_come_by_the_time_when_they_are_due_also_many_of_one_instant(lab: Lab) -> None:
    lab.client.sadd(QUEUES, "other")
    other = Lab(lab.client, "other")
    for number in range(20):
        lab.enqueue(f"same-{number:02}", delay=5_000)
    lab.enqueue("first", delay=1_000)
    other.enqueue("elsewhere", delay=3_000)

    jobs = every(lab.client, JobState.SCHEDULED, limit=3)

    assert ids(jobs) == ["first", "elsewhere", *(f"same-{number:02}" for number in range(20))]
    assert {job.provider for job in jobs} == {"lab", "other"}


def test_a_page_of_scheduled_jobs_continues_when_its_last_job_has_gone(lab: Lab) -> None:
    for number in range(20):
        lab.enqueue(f"same-{number:02}", delay=5_000)
    first = page(lab.client, JobState.SCHEDULED, JobFilter(), now=NOW, limit=5)
    lab.cancel("same-04")

    second = page(lab.client, JobState.SCHEDULED, JobFilter(), now=NOW, limit=5, after=str(first.after))

    assert ids(second.jobs) == [f"same-{number:02}" for number in range(5, 10)]


def test_running_jobs_name_their_worker(lab: Lab) -> None:
    lab.enqueue(*(f"job-{number}" for number in range(9)))
    lab.admit(9, worker="host:7")

    jobs = every(lab.client, JobState.RUNNING, limit=4)

    assert sorted(ids(jobs)) == [f"job-{number}" for number in range(9)]
    assert {(job.worker, job.deliveries) for job in jobs} == {("host:7", 1)}


def test_jobs_that_ended_are_listed_the_latest_first_with_how_they_ended(lab: Lab) -> None:
    lab.enqueue("done", "also done", "dead", "cancelled")
    done, also, dead = lab.admit(3).jobs
    lab.succeed(done)
    lab.now += 1_000
    lab.settle(also, "done", result='"x"')
    lab.now += 1_000
    lab.die(dead)
    lab.cancel("cancelled")  # by the server's own clock, which is behind none of the test's

    jobs = every(lab.client, JobState.DONE, limit=2)

    states = {job.job_id: job.state for job in jobs}
    assert states == {
        "done": JobState.DONE,
        "also done": JobState.DONE,
        "dead": JobState.DEAD,
        "cancelled": JobState.CANCELLED,
    }
    assert [job.job_id for job in jobs if job.job_id != "cancelled"] == ["dead", "also done", "done"]
    assert next(job.reason for job in jobs if job.job_id == "dead") == DeadReason.EXHAUSTED


def test_an_outcome_that_is_not_kept_any_more_is_not_listed(lab: Lab) -> None:
    lab.enqueue("one", "two")
    lab.succeed(*lab.admit(2).jobs)
    lab.client.delete(lab.keys.outcome("one"))

    assert ids(every(lab.client, JobState.DONE)) == ["two"]


def test_the_lists_of_ended_jobs_do_not_grow(lab: Lab) -> None:
    for number in range(30):
        lab.enqueue(*(f"job-{number}-{other}" for other in range(100)))
        lab.succeed(*lab.admit(100).jobs)

    assert 2_000 <= lab.client.llen(lab.keys.root + "ended:done") <= 2_500


def test_an_age_is_that_since_a_job_was_enqueued(lab: Lab) -> None:
    old = b'{"queue_name":"lab","actor_name":"act","options":{"tags":["vip"]},"message_timestamp":1767222000000}'
    lab.enqueue("old", message=old)
    lab.enqueue("unknown", message=b"rubbish")

    found = every(lab.client, JobState.READY, JobFilter(older_than=timedelta(minutes=30)))

    assert ids(found) == ["old"]
    assert ids(every(lab.client, JobState.READY, JobFilter(newer_than=timedelta(minutes=30)))) == []
    assert ids(every(lab.client, JobState.READY, JobFilter(tags=("vip", "other")))) == ["old"]
