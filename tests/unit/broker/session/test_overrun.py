"""How long a job ran without its lease."""

import pytest

from broker.session.overrun import overrun_seconds
from tests.unit.broker.session.test_in_flight import delivery


@pytest.mark.parametrize(
    ("started", "took", "lease_ended", "overrun"),
    [
        (100.0, 5.0, 106.0, 0.0),
        (100.0, 5.0, 105.0, 0.0),
        (100.0, 5.0, 103.0, 2.0),
        (100.0, 30.0, 103.0, 27.0),
        (100.0, 5.0, 90.0, 5.0),
    ],
    ids=["ended in time", "ended at the instant", "went on", "went on for long", "begun when it was over"],
)
def test_a_call_counts_from_the_end_of_its_lease(
    started: float, took: float, lease_ended: float, overrun: float
) -> None:
    job = delivery()
    job.started, job.seconds = started, took

    assert overrun_seconds(job, lease_ended=lease_ended, now=900.0) == overrun


def test_a_job_that_no_thread_began_with_called_nobody() -> None:
    assert overrun_seconds(delivery(), lease_ended=1.0, now=900.0) == 0.0


def test_where_nobody_timed_the_call_it_ends_with_its_record() -> None:
    job = delivery()
    job.started = 100.0

    assert overrun_seconds(job, lease_ended=115.0, now=120.0) == 5.0
