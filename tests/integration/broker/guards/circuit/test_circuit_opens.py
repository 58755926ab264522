"""What opens a circuit, and what does not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.integration.broker.guards.guard_lab import ALPHA, BETA, GuardLab

Guarded = Callable[..., GuardLab]


def test_half_of_at_least_ten_calls_failing_opens_it(guarded: Guarded) -> None:
    lab = guarded()
    for _ in range(4):
        lab.calls(failed=1, ok=1)
    lab.calls(ok=1)
    assert lab.state().state == "closed"

    lab.calls(failed=1)

    assert lab.state().state == "open"
    assert lab.last_event() == ("opened", "5 of 10 calls failed", "fleet")
    assert lab.state().cause == "5 of 10 calls failed"


def test_fewer_than_half_do_not(guarded: Guarded) -> None:
    lab = guarded()
    lab.calls(ok=20)

    for _ in range(10):
        lab.calls(failed=1, ok=1)
    lab.calls(failed=1)

    assert lab.state().state == "closed"


def test_calls_outside_the_window_do_not_count(guarded: Guarded) -> None:
    lab = guarded(streak=50)
    lab.calls(failed=9)
    lab.now += 10_000

    lab.calls(failed=1)

    assert lab.state().state == "closed"


def test_five_failures_in_a_row_are_enough_with_little_traffic(guarded: Guarded) -> None:
    lab = guarded()
    for _ in range(4):
        lab.calls(failed=1)
        lab.now += 60_000
    assert lab.state().state == "closed"

    lab.calls(failed=1)

    assert lab.state().state == "open"
    assert lab.last_event()[1] == "5 calls in a row failed"


def test_a_success_breaks_the_row(guarded: Guarded) -> None:
    lab = guarded()
    for _ in range(3):
        lab.calls(failed=4, ok=1)
        lab.now += 60_000

    assert lab.state().state == "closed"


def test_a_single_failure_of_a_job_that_goes_on_trying_opens_nothing(guarded: Guarded) -> None:
    lab = guarded()

    lab.calls(failed=1)

    assert lab.state().state == "closed"
    assert lab.events() == []


def test_a_job_about_to_die_is_evidence_when_nothing_succeeded_meanwhile(guarded: Guarded) -> None:
    lab = guarded()
    for attempt in (1, 2):
        lab.fail(lab.one(), attempts=attempt)
    assert lab.state().state == "closed"
    doomed = lab.one()

    lab.fail(doomed, attempts=3, end="dead")

    assert lab.state().state == "open"
    assert lab.places_of(doomed.job_id) == ["ready:lab:normal"]
    assert lab.dead() == []


def test_a_job_with_one_attempt_dies_of_its_own_failure(guarded: Guarded) -> None:
    lab = guarded()
    doomed = lab.one()

    lab.fail(doomed, attempts=1, end="dead")

    assert lab.state().state == "closed"
    assert lab.status(doomed.job_id) == "dead"


def test_slow_calls_open_it(guarded: Guarded) -> None:
    lab = guarded(slow=timedelta(seconds=2))
    lab.calls(ok=2, slow=7)
    assert lab.state().state == "closed"

    lab.calls(slow=1)

    assert lab.last_event() == ("opened", "8 of 10 calls were slow", "fleet")


def test_refusals_and_our_own_bugs_count_for_nothing_or_for_the_provider(guarded: Guarded) -> None:
    lab = guarded()
    for _ in range(20):
        lab.settle(lab.one(), "later", delay_ms=60_000)
    assert lab.state().state == "closed"

    lab.calls(failed=4)
    lab.settle(lab.one(), "dead", reason="permanent", error="{}", call="ok", ms=3)
    lab.calls(failed=4)

    assert lab.state().state == "closed"


def test_a_late_holder_counts_for_nothing(guarded: Guarded) -> None:
    lab = guarded()
    late = [lab.one() for _ in range(5)]
    lab.expire_leases()
    lab.admit(5, worker=BETA)

    for job in late:
        assert lab.fail(job) == [job.job_id]

    assert lab.state().state == "closed"


@pytest.mark.parametrize("workers", [(ALPHA, BETA), ("alpha:1", "alpha:2")])
def test_failures_of_two_workers_open_it(guarded: Guarded, workers: tuple[str, str]) -> None:
    lab = guarded()
    for worker in workers:
        lab.admit(1, worker=worker)

    lab.calls(failed=3, worker=workers[0])
    lab.calls(failed=2, worker=workers[1])

    assert lab.state().state == "open"
