"""What a test does to a fake fleet: it runs its jobs, moves its clock and breaks it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from leeward import (
    Cancellation,
    IdempotencyConflict,
    JobFailed,
    JobNotFound,
    JobState,
    Leeward,
    ProviderDisabled,
    QueueFull,
    ResultTimeout,
    SendEmail,
    SyncUser,
    Unavailable,
)
from leeward.errors import Conflict, Invalid
from leeward.extension import Permanent, QuotaExceeded, report_progress
from leeward.extension.errors import WAITS
from leeward.jobs.dead_reason import DeadReason
from leeward.testing import FakeLeeward

ALICE = SyncUser(user="alice")
MAIL = SendEmail(to=("alice@example.org",), subject="Welcome", text="Hello")
HOUR = timedelta(hours=1)
NINE = datetime(2026, 1, 31, 9, tzinfo=UTC)


@pytest.fixture
def fleet() -> FakeLeeward:
    return FakeLeeward(now=NINE)


def test_a_delayed_job_runs_when_the_clock_has_come_so_far(fleet: FakeLeeward) -> None:
    job = fleet.enqueue(ALICE, delay=HOUR)
    assert fleet.status(job.job_id).due == NINE + HOUR

    fleet.advance(HOUR - timedelta(seconds=1))
    assert fleet.run_all({SyncUser: lambda _: None}) == []
    fleet.advance(timedelta(seconds=1))

    assert [ran.job for ran in fleet.run_all({SyncUser: lambda _: None})] == [ALICE]


def test_a_job_that_comes_too_late_is_dead(fleet: FakeLeeward) -> None:
    job = fleet.enqueue(ALICE, deadline=HOUR)
    fleet.advance(HOUR + timedelta(milliseconds=1))

    fleet.run_all({SyncUser: lambda _: pytest.fail("it ran")})

    assert (fleet.status(job.job_id).state, fleet.status(job.job_id).reason) == (JobState.DEAD, "expired")


def test_a_result_and_later_its_key_are_forgotten(fleet: FakeLeeward) -> None:
    job = fleet.enqueue(ALICE, idempotency_key="k")
    fleet.complete(job.job_id, {"created": True})
    assert fleet.result(job.job_id) == {"created": True}

    fleet.advance(HOUR)
    with pytest.raises(JobNotFound):
        fleet.status(job.job_id)
    assert fleet.enqueue(ALICE, idempotency_key="k").duplicate

    fleet.advance(24 * HOUR)
    assert not fleet.enqueue(ALICE, idempotency_key="k").duplicate


def test_a_clock_goes_forward_and_knows_its_zone(fleet: FakeLeeward) -> None:
    with pytest.raises(Invalid, match="never goes back"):
        fleet.move_to(NINE - HOUR)
    with pytest.raises(Invalid, match="time zone"):
        FakeLeeward(now=datetime(2026, 1, 31))  # noqa: DTZ001


def test_jobs_that_a_handler_enqueues_run_too_and_those_without_a_handler_wait(fleet: FakeLeeward) -> None:
    fleet.enqueue(ALICE)

    ran = fleet.run_all({"sync.user": lambda _: fleet.enqueue(MAIL) and None})

    assert [job.kind for job in ran] == ["sync.user"]
    assert fleet.assert_enqueued(SendEmail).state is JobState.READY
    assert len(fleet.run_all({SendEmail: lambda job: {"sent": len(job.to)}})) == 1
    assert fleet.assert_enqueued(SendEmail).result == {"sent": 1}


def test_a_handler_receives_the_job_as_it_travels_and_returns_json(fleet: FakeLeeward) -> None:
    fleet.enqueue(ALICE)
    received: list[SyncUser] = []

    def handler(job: SyncUser) -> object:
        received.append(job)
        return object()

    with pytest.raises(Invalid, match=r"sync\.user returned what is not JSON"):
        fleet.run_all({SyncUser: handler})

    assert received == [ALICE]
    assert received[0] is not ALICE


def test_an_assertion_in_a_handler_is_the_tests_own(fleet: FakeLeeward) -> None:
    fleet.enqueue(ALICE)

    with pytest.raises(AssertionError, match="not so"):
        fleet.run_all({SyncUser: _raising(AssertionError("not so"))})


def test_failures_spend_attempts_and_the_error_is_kept(fleet: FakeLeeward) -> None:
    job = fleet.enqueue(ALICE)
    fleet.run_all({SyncUser: _raising(ValueError("a bug"))}, attempts=3)

    dead = fleet.job(job.job_id)
    assert (dead.state, dead.attempts, dead.deliveries, dead.reason) == (JobState.DEAD, 3, 3, "exhausted")
    with pytest.raises(AssertionError, match=r"exhausted: ValueError\('a bug'\)"):
        fleet.assert_not_enqueued(SyncUser)

    fleet.enqueue(MAIL)
    fleet.run_all({SendEmail: _raising(Permanent("no"))}, attempts=3)
    assert (fleet.jobs[1].reason, fleet.jobs[1].deliveries) == ("permanent", 1)


def test_what_is_the_providers_fault_waits_as_long_as_in_a_fleet(fleet: FakeLeeward) -> None:
    job = fleet.enqueue(ALICE)

    fleet.run_all({SyncUser: _raising(QuotaExceeded("no more today"))})

    assert (fleet.status(job.job_id).due, fleet.status(job.job_id).attempts) == (NINE + WAITS[QuotaExceeded], 0)


def test_a_handler_without_end_is_found_out(fleet: FakeLeeward) -> None:
    fleet.enqueue(ALICE)

    with pytest.raises(RuntimeError, match="does a handler enqueue its own job again"):
        fleet.run_all({SyncUser: lambda job: fleet.enqueue(job) and None})


def test_a_test_can_take_a_job_through_its_states(fleet: FakeLeeward) -> None:
    job = fleet.enqueue(ALICE, delay=HOUR)

    fleet.start(job.job_id, progress={"done": 1, "total": 2})
    status = fleet.status(job.job_id)
    assert (status.state, status.progress) == (JobState.RUNNING, {"done": 1, "total": 2})
    fleet.fail(job.job_id, reason=DeadReason.PERMANENT, error=Permanent("no such account", operation="create_user"))

    with pytest.raises(JobFailed, match=r"dead \(permanent\): Permanent: no such account; its dead letter") as failed:
        fleet.result(job.job_id)
    assert (failed.value.error["operation"], failed.value.dead_letter_id) == (
        "create_user",
        fleet.status(job.job_id).dead_letter_id,
    )
    with pytest.raises(Conflict, match="has ended already: it is dead"):
        fleet.complete(job.job_id)


def test_a_running_job_is_cancelled_at_its_next_safe_point(fleet: FakeLeeward) -> None:
    job = fleet.enqueue(ALICE, idempotency_key="k")
    assert fleet.start(job.job_id) is fleet.reach_safe_point(job.job_id)

    assert fleet.cancel(job.job_id) is Cancellation.CANCELLING
    assert fleet.status(job.job_id).state is JobState.RUNNING
    fleet.reach_safe_point(job.job_id)

    assert fleet.status(job.job_id).state is JobState.CANCELLED
    assert not fleet.enqueue(ALICE, idempotency_key="k").duplicate


def test_with_handlers_a_result_can_be_waited_for(fleet: FakeLeeward) -> None:
    def handler(job: SyncUser) -> dict[str, str]:
        report_progress(1)
        return {"user": job.user}

    served = FakeLeeward(now=NINE, handlers={SyncUser: handler})
    assert served.result(served.enqueue(ALICE).job_id) == {"user": "alice"}
    soon = served.enqueue(ALICE, delay=timedelta(seconds=20))
    assert served.result(soon.job_id) == {"user": "alice"}
    assert served.now == NINE + timedelta(seconds=20)
    with pytest.raises(ResultTimeout, match="is still scheduled"):
        served.result(served.enqueue(ALICE, delay=HOUR).job_id)
    with pytest.raises(ResultTimeout, match=r"call run_all\(\{SyncUser: \.\.\.\}\) before"):
        fleet.result(fleet.enqueue(ALICE).job_id)


def test_what_an_operator_or_an_outage_does_can_be_played(fleet: FakeLeeward) -> None:
    with fleet.unreachable(), pytest.raises(Unavailable):
        fleet.enqueue(ALICE)
    with fleet.disabled("jellyfin"), pytest.raises(ProviderDisabled):
        fleet.enqueue(ALICE)
    with fleet.limited("jellyfin", max_waiting=0), pytest.raises(QueueFull):
        fleet.enqueue(ALICE)

    fleet.enqueue(ALICE, idempotency_key="k")
    with pytest.raises(IdempotencyConflict):
        fleet.enqueue(SyncUser(user="bob"), idempotency_key="k")

    assert len(fleet.jobs) == 1


CALLS: dict[str, Callable[[FakeLeeward], object]] = {
    "enqueue": lambda fleet: fleet.enqueue(ALICE),
    "enqueue_many": lambda fleet: fleet.enqueue_many([ALICE]),
    "enqueue_batch": lambda fleet: fleet.enqueue_batch([ALICE]),
    "batch": lambda fleet: fleet.batch("jellyfin:0"),
    "unserved": lambda fleet: fleet.unserved("sync.jellyfin"),
    "status": lambda fleet: fleet.status("0"),
    "result": lambda fleet: fleet.result("0"),
    "cancel": lambda fleet: fleet.cancel("0"),
}


@pytest.mark.parametrize("name", [name for name in vars(Leeward) if not name.startswith("_") and name != "close"])
def test_every_call_is_refused_while_the_fleet_is_unreachable(fleet: FakeLeeward, name: str) -> None:
    with fleet.unreachable(), pytest.raises(Unavailable):
        CALLS[name](fleet)

    fleet.assert_not_enqueued()


def _raising(error: Exception):  # type: ignore[no-untyped-def]
    def handler(_: object) -> None:
        raise error

    return handler
