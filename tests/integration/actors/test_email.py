"""Mail jobs through the real broker and all rings, against a simulated relay."""

import email
import email.policy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dramatiq
import pytest

from actors.email import TEMPLATES, extension, send_email
from broker.broker import LeewardBroker
from broker.delivery.current import enter
from broker.delivery.delivery import Delivery
from broker.delivery.errors import LeaseLost
from leeward.client import Leeward
from leeward.extension import Context
from leeward.jobs.email.send import SendEmail
from leeward.request import Enqueued
from leeward.status import JobState, JobStatus
from leeward.wire.job_message import message_for
from middleware.order import rings
from providers.smtp.mail.message import message_id
from providers.smtp.provider import Smtp
from providers.smtp.settings import SmtpSettings
from simulators.faults import Effect, Rule, Stage
from simulators.mail.server import MailSimulator, Settings
from tests.support.composing import bound
from tests.support.waiting import wait_until

SENDER = "fleet@example.org"


class _BreakingOff(Leeward):
    """Where a recipient is named, the split of a job breaks off at its job, once."""

    def __init__(self, url: str, at: list[str]) -> None:
        super().__init__(url)
        self._at = at

    def enqueue(self, job: Any, **options: Any) -> Enqueued:
        if job.to[0] in self._at:
            self._at.remove(job.to[0])
            raise ConnectionError("the worker breaks off here")
        return super().enqueue(job, **options)


@pytest.fixture
def mail() -> Iterator[MailSimulator]:
    with MailSimulator(settings=Settings(keep_content=True)) as simulator:
        yield simulator


@pytest.fixture
def templates(tmp_path: Path) -> tuple[Path, ...]:
    (tmp_path / "greet.txt.j2").write_text("Hello {{ name }}")
    return (tmp_path, TEMPLATES)


@pytest.fixture
def interrupted_at() -> list[str]:
    return []


@pytest.fixture
def settings(mail: MailSimulator) -> SmtpSettings:
    return SmtpSettings(
        host="127.0.0.1",
        port=mail.port,
        tls="none",
        sender=SENDER,
        local_name="worker.example.org",
        final_reply_timeout=timedelta(seconds=10),
    )


@pytest.fixture
def relay(settings: SmtpSettings, templates: tuple[Path, ...]) -> Iterator[Smtp]:
    relay = Smtp("smtp", settings, Context(templates=templates))
    relay.open()
    yield relay
    relay.close_thread()


@pytest.fixture
def client(
    settings: SmtpSettings, templates: tuple[Path, ...], valkey_url: str, interrupted_at: list[str]
) -> Iterator[Leeward]:
    """A producer; a worker is running."""
    broker = LeewardBroker(valkey_url, middleware=rings())
    with _BreakingOff(valkey_url, interrupted_at) as producer:
        with bound(broker, extension, {"smtp": settings}, client=producer, templates=templates):
            worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=100)
            worker.start()
            yield producer
            worker.stop()
        broker.close()


def letter(*recipients: str, **fields: Any) -> SendEmail:
    return SendEmail(**{"to": recipients or ("alice@example.org",), "subject": "Hello", "text": "Hi"} | fields)


def ended(client: Leeward, job_id: str) -> JobStatus:
    return wait_until(
        lambda: (status := client.status(job_id)).state.is_final and status, description="the job to end", timeout=30
    )


def accepted(mail: MailSimulator) -> list[str]:
    return [recipient for entry in mail.record.entries("mail_accepted") for recipient in entry["recipients"]]


def test_a_job_with_one_recipient_sends_one_mail(mail: MailSimulator, client: Leeward) -> None:
    job = client.enqueue(letter(), idempotency_key="invite-17")

    result = client.result(job.job_id)

    assert result == {
        "recipient": "alice@example.org",
        "message_id": message_id("invite-17", SENDER),
        "code": 250,
        "reply": "2.0.0 queued as 1",
    }
    assert accepted(mail) == ["alice@example.org"]
    assert mail.record.entries("mail_accepted")[0]["message_id"] == message_id("invite-17", SENDER)


def test_a_job_without_a_key_is_known_by_its_id(mail: MailSimulator, client: Leeward) -> None:
    job = client.enqueue(letter())

    assert client.result(job.job_id)["message_id"] == message_id(job.job_id, SENDER)


def test_the_date_is_when_the_job_was_enqueued_also_after_a_retry(mail: MailSimulator, client: Leeward) -> None:
    mail.faults.set(Rule(operation="RCPT *", effect=Effect.STATUS, status=451, body="4.3.0 not now", times=1))
    before = datetime.now(UTC).replace(microsecond=0)

    job = client.enqueue(letter())
    after_enqueue = datetime.now(UTC)
    client.result(job.job_id)

    message = email.message_from_bytes(mail.mails()[0], policy=email.policy.default)
    assert before <= message["Date"].datetime <= after_enqueue


def test_a_template_is_filled_in_with_the_jobs_values(mail: MailSimulator, client: Leeward) -> None:
    job = client.enqueue(letter(text=None, template="greet", values={"name": "Zoë"}))

    client.result(job.job_id)

    message = email.message_from_bytes(mail.mails()[0], policy=email.policy.default)
    assert message.get_content().strip() == "Hello Zoë"


def test_a_missing_value_is_one_dead_letter_however_many_recipients(mail: MailSimulator, client: Leeward) -> None:
    job = client.enqueue(letter("a@example.org", "b@example.org", text=None, template="greet"))

    status = ended(client, job.job_id)

    assert (status.state, status.reason) == (JobState.DEAD, "permanent")
    assert accepted(mail) == []


def test_a_refusal_after_the_effect_began_is_retried_and_not_parked(mail: MailSimulator, client: Leeward) -> None:
    mail.faults.set(Rule(operation="ACCEPT *", effect=Effect.STATUS, status=451, body="4.3.0 not now", times=2))

    job = client.enqueue(letter())

    assert ended(client, job.job_id).state is JobState.DONE
    assert mail.faults.describe()[0]["hits"] == 2
    assert accepted(mail) == ["alice@example.org"]


def test_a_connection_lost_before_the_final_dot_is_retried(mail: MailSimulator, client: Leeward) -> None:
    mail.faults.set(Rule(operation="DATA", effect=Effect.RESET, times=1))

    job = client.enqueue(letter())

    assert ended(client, job.job_id).state is JobState.DONE
    assert accepted(mail) == ["alice@example.org"]


@pytest.mark.parametrize("stage", [Stage.BEFORE, Stage.AFTER])
def test_a_connection_lost_after_the_final_dot_is_parked_and_never_sent_again(
    stage: Stage, mail: MailSimulator, client: Leeward
) -> None:
    mail.faults.set(Rule(operation="ACCEPT *", effect=Effect.RESET, stage=stage, times=1))

    job = client.enqueue(letter())

    status = ended(client, job.job_id)
    assert (status.state, status.reason) == (JobState.DEAD, "unknown_outcome")
    assert len(accepted(mail)) == (1 if stage is Stage.AFTER else 0)


def test_a_job_with_many_recipients_becomes_one_job_for_each(mail: MailSimulator, client: Leeward) -> None:
    recipients = [f"user{number}@example.org" for number in range(20)]

    job = client.enqueue(letter(*recipients), idempotency_key="news-1")

    children = client.result(job.job_id)["jobs"]
    results = [client.result(child) for child in children.values()]
    assert list(children) == recipients
    assert sorted(accepted(mail)) == sorted(recipients)
    assert len({result["message_id"] for result in results}) == 20


def test_one_refused_recipient_is_one_dead_letter_and_the_rest_get_their_mail(
    mail: MailSimulator, client: Leeward
) -> None:
    mail.faults.set(Rule(operation="RCPT bad@*", effect=Effect.STATUS, status=550, body="5.1.1 no such user"))

    job = client.enqueue(letter("good@example.org", "bad@example.org", "fine@example.org"))

    children = client.result(job.job_id)["jobs"]
    states = {address: ended(client, child).state for address, child in children.items()}
    assert states == {
        "good@example.org": JobState.DONE,
        "bad@example.org": JobState.DEAD,
        "fine@example.org": JobState.DONE,
    }
    assert sorted(accepted(mail)) == ["fine@example.org", "good@example.org"]


def test_a_split_that_breaks_off_is_completed_and_nobody_gets_two_mails(
    mail: MailSimulator, client: Leeward, interrupted_at: list[str]
) -> None:
    recipients = [f"user{number}@example.org" for number in range(5)]
    interrupted_at += [recipients[3]]

    children = client.result(client.enqueue(letter(*recipients)).job_id)["jobs"]

    assert interrupted_at == []
    assert [client.result(child)["recipient"] for child in children.values()] == recipients
    assert sorted(accepted(mail)) == recipients


def test_the_effect_is_marked_when_nothing_has_been_handed_over_yet(
    mail: MailSimulator, relay: Smtp, client: Leeward
) -> None:
    accepted_at_the_mark: list[int] = []

    def mark(_delivery: Delivery) -> bool:
        accepted_at_the_mark.append(len(accepted(mail)))
        return True

    enter(_delivery(letter(), mark))
    try:
        send_email(letter(), relay, client)
    finally:
        enter(None)

    assert accepted_at_the_mark == [0]
    assert accepted(mail) == ["alice@example.org"]


def test_a_mark_that_cannot_be_made_stops_the_mail(mail: MailSimulator, relay: Smtp, client: Leeward) -> None:
    enter(_delivery(letter(), lambda _delivery: False))
    try:
        with pytest.raises(LeaseLost):
            send_email(letter(), relay, client)
    finally:
        enter(None)

    assert accepted(mail) == []


def _delivery(job: SendEmail, mark: Callable[[Delivery], bool]) -> Delivery:
    message = message_for(job)
    return Delivery(
        message,
        job_id=message.message_id,
        queue_name=job.queue,
        provider=job.provider,
        token="1@test",
        effect_begun=False,
        server_ms=0,
        mark=mark,
    )
