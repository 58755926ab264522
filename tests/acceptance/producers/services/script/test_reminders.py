from datetime import timedelta
from unittest.mock import ANY

import pytest
from reminders import remind

from leeward import JobState, SendEmail
from leeward.extension import Permanent, RateLimited
from leeward.testing import FakeLeeward

sent: list[str] = []


def send(mail: SendEmail) -> dict[str, str]:
    sent.append(mail.to[0])
    return {"recipient": mail.to[0]}


def refuse(mail: SendEmail) -> None:
    raise Permanent("no such mailbox")


def test_a_reminder_waits_a_day(fake_leeward: FakeLeeward) -> None:
    remind(fake_leeward, "alice@example.org")
    assert fake_leeward.run_all({SendEmail: send}) == []

    fake_leeward.advance(timedelta(days=1))
    (job,) = fake_leeward.run_all({SendEmail: send})

    assert (job.state, job.result, sent) == (JobState.DONE, {"recipient": "alice@example.org"}, ["alice@example.org"])


def test_its_options(fake_leeward: FakeLeeward) -> None:
    remind(fake_leeward, "alice@example.org")

    job = fake_leeward.assert_enqueued(SendEmail, to=["alice@example.org"], subject=ANY)

    assert (job.delay, job.priority, job.partition, job.tags) == (
        timedelta(days=1),
        "bulk",
        "alice@example.org",
        ("trial",),
    )


def test_a_mailbox_that_is_gone(fake_leeward: FakeLeeward) -> None:
    remind(fake_leeward, "alice@example.org")
    fake_leeward.advance(timedelta(days=1))

    (job,) = fake_leeward.run_all({SendEmail: refuse})

    assert (job.state, job.reason) == (JobState.DEAD, "permanent")


def test_a_relay_that_asks_for_time(fake_leeward: FakeLeeward) -> None:
    def slow_down(mail: SendEmail) -> None:
        raise RateLimited("too many mails", retry_after=timedelta(minutes=5))

    remind(fake_leeward, "alice@example.org")
    fake_leeward.advance(timedelta(days=1))

    (job,) = fake_leeward.run_all({SendEmail: slow_down})

    assert (job.state, job.due) == (JobState.SCHEDULED, fake_leeward.now + timedelta(minutes=5))


def test_a_full_queue(fake_leeward: FakeLeeward) -> None:
    with fake_leeward.limited("smtp", max_waiting=0):
        assert not remind(fake_leeward, "alice@example.org")

    fake_leeward.assert_not_enqueued()


@pytest.mark.parametrize("times", [1, 3])
def test_failures(fake_leeward: FakeLeeward, times: int) -> None:
    def fail(mail: SendEmail) -> None:
        raise ConnectionError("the relay hung up")

    job = fake_leeward.enqueue(SendEmail(to=("alice@example.org",), subject="Hi", text="Hello"))
    fake_leeward.run_all({SendEmail: fail}, attempts=times)

    assert fake_leeward.status(job.job_id).reason == "exhausted"
    assert fake_leeward.job(job.job_id).deliveries == times
