"""Options of a job on their way into the fleet and back."""

from datetime import UTC, datetime, timedelta

import pytest
import redis

from leeward import JobState, Leeward, Request, SyncUser
from leeward.request import entry_for
from leeward.wire.entry import submit
from tests.support.answers import accepted


def test_a_status_has_what_was_given_with_the_job(fleet: Leeward) -> None:
    job = fleet.enqueue(SyncUser(user="alice"), tags=["import"], partition="customer-7", request_id="r-1")

    status = fleet.status(job.job_id)

    assert (status.tags, status.partition, status.request_id) == (("import",), "customer-7", "r-1")


def test_a_job_for_an_instant_is_due_then(fleet: Leeward) -> None:
    at = datetime.now(UTC) + timedelta(hours=3)

    status = fleet.status(fleet.enqueue(SyncUser(user="alice"), run_at=at).job_id)

    assert status.state is JobState.SCHEDULED
    assert status.due is not None
    assert abs(status.due - at) < timedelta(seconds=2)


@pytest.mark.parametrize("wrong_by", [timedelta(hours=-2), timedelta(minutes=5), timedelta(seconds=20)])
def test_an_instant_means_the_servers_clock_whatever_this_machines_says(
    valkey: "redis.Redis", wrong_by: timedelta
) -> None:
    at = datetime.now(UTC) + timedelta(hours=6)
    entry = entry_for(Request(SyncUser(user="alice"), run_at=at))
    by_wrong_clock_ms = entry.sent_ms + int(wrong_by.total_seconds() * 1000)
    message = entry.message.replace(str(entry.sent_ms).encode(), str(by_wrong_clock_ms).encode())
    entry = entry._replace(message=message, sent_ms=by_wrong_clock_ms, delay_ms=entry.due_ms - by_wrong_clock_ms)

    assert submit(valkey, "jellyfin", [entry]) == {}

    due_ms = valkey.zscore("leeward:{jellyfin}:scheduled", entry.job_id)
    assert abs(float(due_ms or 0) - entry.due_ms) < 2_000


def test_many_jobs_have_options_of_their_own(fleet: Leeward) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    requests = [Request(SyncUser(user="a"), tags=["x"]), Request(SyncUser(user="b"), run_at=tomorrow)]
    answers = accepted(fleet.enqueue_many(requests))

    first, second = (fleet.status(answer.job_id) for answer in answers)
    assert (first.tags, second.tags) == (("x",), ())
    assert (first.state, second.state) == (JobState.READY, JobState.SCHEDULED)
