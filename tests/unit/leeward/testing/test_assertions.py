"""A failed assertion says which jobs there are, and how the nearest one differs."""

from datetime import timedelta
from unittest.mock import ANY

import pytest

from leeward import JobNotFound, SendEmail, SyncUser, UserState
from leeward.testing import FakeLeeward
from tests.support.processes import ROOT

DOCUMENT = ROOT / "docs" / "producers.md"
MAIL = SendEmail(to=("alice@example.org",), subject="Welcome", text="Hello")


@pytest.fixture
def fleet() -> FakeLeeward:
    return FakeLeeward()


def test_a_job_is_found_by_its_class_its_kind_or_as_a_whole_and_by_fields(fleet: FakeLeeward) -> None:
    enqueued = fleet.enqueue(MAIL, idempotency_key="welcome-1", delay=timedelta(minutes=5))

    job = fleet.assert_enqueued(SendEmail, subject="Welcome", to=["alice@example.org"], text=ANY)

    assert (job.job_id, job.idempotency_key, job.delay) == (enqueued.job_id, "welcome-1", timedelta(minutes=5))
    assert fleet.assert_enqueued("email.send", text="Hello") is job
    assert fleet.assert_enqueued(MAIL) is job
    assert fleet.job(enqueued.job_id) is job


def test_values_are_equal_that_are_the_same_json_and_secrets_are_compared(fleet: FakeLeeward) -> None:
    fleet.enqueue(SyncUser(user="alice", state=UserState.DISABLED, password="hunter2"))

    fleet.assert_enqueued(SyncUser, state="disabled", password="hunter2")
    fleet.assert_not_enqueued(SyncUser, password="other")


def test_a_missing_job_shows_how_the_nearest_one_differs(fleet: FakeLeeward) -> None:
    fleet.enqueue(SyncUser(user="alice"))
    fleet.enqueue(MAIL)
    fleet.enqueue(SendEmail(to=("bob@example.org",), subject="Bye", text="Hello"))

    with pytest.raises(AssertionError) as failed:
        fleet.assert_enqueued(SendEmail, to=("alice@example.org",), subject="Welcom")

    assert "expected 'Welcom'" in str(failed.value)
    assert f"```text\n{failed.value}\n```" in DOCUMENT.read_text()


def test_long_texts_are_compared_line_by_line(fleet: FakeLeeward) -> None:
    fleet.enqueue(MAIL.model_copy(update={"text": "Dear Alice,\nwelcome.\nYours"}))

    with pytest.raises(AssertionError) as failed:
        fleet.assert_enqueued(MAIL.model_copy(update={"text": "Dear Alice,\nwelcom.\nYours"}))

    lines = [line.strip() for line in str(failed.value).splitlines()]
    assert {"text", "Dear Alice,", "- welcom.", "+ welcome."} <= set(lines)


def test_a_secret_is_never_in_a_message(fleet: FakeLeeward) -> None:
    fleet.enqueue(SyncUser(user="alice", password="hunter2"))

    with pytest.raises(AssertionError) as failed:
        fleet.assert_enqueued(SyncUser, user="bob", password="correct-horse")

    assert "hunter2" not in str(failed.value)
    assert "correct-horse" not in str(failed.value)


def test_several_jobs_are_not_one_and_their_number_can_be_asserted(fleet: FakeLeeward) -> None:
    fleet.enqueue_many([MAIL, MAIL, SyncUser(user="alice")])

    with pytest.raises(AssertionError, match=r"expected one email\.send job; 2 were enqueued \(#1, #2\)\."):
        fleet.assert_enqueued(SendEmail)

    assert len(fleet.assert_enqueued_times(2, SendEmail)) == 2
    with pytest.raises(AssertionError, match=r"expected 3 email\.send jobs; 2"):
        fleet.assert_enqueued_times(3, SendEmail)


def test_nothing_was_enqueued(fleet: FakeLeeward) -> None:
    fleet.assert_not_enqueued()
    with pytest.raises(AssertionError, match="No job at all was enqueued"):
        fleet.assert_enqueued(SendEmail)

    fleet.enqueue(MAIL)

    fleet.assert_not_enqueued(SyncUser)
    with pytest.raises(AssertionError, match=r"expected no job; 1 was enqueued \(#1\)"):
        fleet.assert_not_enqueued()


def test_a_field_that_is_misspelt_is_no_failed_assertion(fleet: FakeLeeward) -> None:
    with pytest.raises(TypeError, match="SendEmail has no field 'subjct': did you mean 'subject'"):
        fleet.assert_not_enqueued(SendEmail, subjct="Welcome")
    with pytest.raises(JobNotFound, match="no job 42 was enqueued"):
        fleet.job("42")
