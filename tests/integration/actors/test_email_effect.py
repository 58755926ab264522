"""A dead mail knows whether it may have been sent; a recipient that is put off waits without spending attempts."""

import json
from collections.abc import Iterator
from datetime import timedelta

import dramatiq
import pytest
import redis

from actors.email import extension
from broker.broker import LeewardBroker
from leeward.client import Leeward
from leeward.jobs.email.send import SendEmail
from leeward.status import JobState
from leeward.wire.keys import ProviderKeys
from middleware.order import rings
from providers.smtp.settings import SmtpSettings
from simulators.faults import Effect, Rule
from simulators.mail.server import MailSimulator, Settings
from tests.support.answers import entries, raw
from tests.support.composing import bound
from tests.support.waiting import wait_until

SMTP = ProviderKeys("smtp")


@pytest.fixture
def mail() -> Iterator[MailSimulator]:
    with MailSimulator(settings=Settings()) as simulator:
        yield simulator


@pytest.fixture
def client(mail: MailSimulator, valkey_url: str) -> Iterator[Leeward]:
    """A producer; a worker is running."""
    settings = SmtpSettings(
        host="127.0.0.1",
        port=mail.port,
        tls="none",
        sender="fleet@example.org",
        local_name="worker.example.org",
        final_reply_timeout=timedelta(seconds=0.5),
    )
    broker = LeewardBroker(valkey_url, middleware=rings())
    with Leeward(valkey_url) as producer, bound(broker, extension, {"smtp": settings}):
        worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=100)
        worker.start()
        yield producer
        worker.stop()
        broker.close()


def letter(to: str = "alice@example.org") -> SendEmail:
    return SendEmail(to=(to,), subject="Hello", text="Hi")


def dead_with(client: Leeward, valkey: "redis.Redis", deadline: timedelta | None = None) -> dict[str, object]:
    """How a mail that dies dies, as its outbox entry says."""
    job = client.enqueue(letter(), deadline=deadline)
    wait_until(lambda: client.status(job.job_id).state is JobState.DEAD, description="the mail to die", timeout=30)
    ((_, fields),) = entries(valkey, SMTP.dead)
    error: dict[str, object] = json.loads(fields[b"error"])
    return error


@pytest.mark.parametrize(
    ("operation", "status", "text"),
    [
        ("RCPT *", 550, "5.1.1 no such user"),
        ("RCPT *", 553, "5.1.3 bad address syntax"),
        ("RCPT *", 550, "Unrouteable address"),
        ("MAIL *", 552, "5.3.4 message too big"),
        ("DATA", 554, "5.5.1 no valid recipients"),
        ("ACCEPT *", 554, "5.7.1 rejected as spam"),
        ("ACCEPT *", 552, "5.3.4 message too big"),
    ],
)
def test_a_mail_that_the_relay_refused_was_not_sent(
    operation: str, status: int, text: str, client: Leeward, valkey: "redis.Redis", mail: MailSimulator
) -> None:
    mail.faults.set(Rule(operation=operation, effect=Effect.STATUS, status=status, body=text))

    error = dead_with(client, valkey)

    assert (error["type"], error["effect"]) == ("Permanent", "none")


@pytest.mark.parametrize("effect", [Effect.RESET, Effect.HANG, Effect.DRIP])
def test_a_mail_without_an_answer_after_the_final_dot_may_have_been_sent(
    effect: Effect, client: Leeward, valkey: "redis.Redis", mail: MailSimulator
) -> None:
    mail.faults.set(Rule(operation="ACCEPT *", effect=effect))

    assert dead_with(client, valkey)["effect"] == "open"


@pytest.mark.parametrize("reply", ["452 4.2.2 Mailbox full", "450 4.7.1 Greylisted", "451 4.1.1 later"])
def test_a_recipient_that_is_put_off_waits_for_minutes_and_spends_no_attempt(
    reply: str, client: Leeward, valkey: "redis.Redis", mail: MailSimulator
) -> None:
    mail.faults.set(Rule(operation="RCPT *", effect=Effect.STATUS, status=int(reply[:3]), body=reply[4:]))
    job = client.enqueue(letter())

    due = wait_until(lambda: valkey.zscore(SMTP.scheduled, job.job_id), description="the mail to wait")
    options = json.loads(raw(valkey.hget(SMTP.jobs, job.job_id)))["options"]
    enqueued = json.loads(raw(valkey.hget(SMTP.jobs, job.job_id)))["message_timestamp"]

    assert due - enqueued > timedelta(minutes=5) / timedelta(milliseconds=1)
    assert options.get("retries", 0) == 0
    assert options["deadline"] - enqueued >= timedelta(days=4) / timedelta(milliseconds=1)


def test_a_mail_that_was_put_off_until_its_deadline_was_not_sent(
    client: Leeward, valkey: "redis.Redis", mail: MailSimulator
) -> None:
    mail.configure({"full_mailboxes": ["alice@example.org"]})

    error = dead_with(client, valkey, deadline=timedelta(minutes=1))

    assert (error["type"], error["effect"]) == ("TargetUnavailable", "none")
