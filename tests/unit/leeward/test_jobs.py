"""Job models: what a producer may say, and what nobody gets to see."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from leeward import Attachment, DownloadFile, Job, Priority, SendEmail, SyncUser
from leeward.jobs.kinds import KINDS, job_type
from leeward.jobs.secret import REDACTED, redact, secret_fields
from leeward.wire.job_message import message_for


class Redeclared(Job):
    """As extensions write theirs: the provider has a default, and no rule of its own."""

    kind: ClassVar[str] = "sync.invoice"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "sync"

    provider: str = "acme"


MAIL = {"to": ("a@example.org",), "subject": "Hi", "text": "Hello"}


def test_a_job_is_a_frozen_value() -> None:
    job = SyncUser(user="alice")

    with pytest.raises(ValidationError, match="frozen"):
        setattr(job, "user", "bob")  # noqa: B010 # mypy refuses the assignment, as it should
    assert job == SyncUser(user="alice")


def test_a_job_waits_in_the_queue_of_its_family_and_provider() -> None:
    assert SyncUser(user="a", provider="jellyfin-2").queue == "sync.jellyfin-2"
    assert SendEmail(**MAIL).queue == "email.smtp"
    assert DownloadFile(url="http://x.test/f", destination="f").queue == "download.http"


@pytest.mark.parametrize("provider", ["", "Upper", "a.b", "a b", "-a", "a:b", "{a}", "a" * 64])
def test_a_provider_is_a_plain_name(provider: str) -> None:
    with pytest.raises(ValidationError):
        SyncUser(user="alice", provider=provider)
    with pytest.raises(ValidationError, match="use lower-case letters"):
        Redeclared(provider=provider)


def test_the_kinds_are_found_by_name_and_version() -> None:
    assert [job_type(job.kind, job.version) for job in KINDS] == list(KINDS)
    assert job_type("sync.user", 999) is None
    assert job_type("no.such", 1) is None


@pytest.mark.parametrize("address", ["a", "a@b@c", "a b@c", "a@c\n", "a@c\r\nBcc: x@y", "<a@c>", "a@c,b@c", '"a"@c'])
def test_an_address_has_nothing_that_could_reach_a_header(address: str) -> None:
    with pytest.raises(ValidationError):
        SendEmail(**(MAIL | {"to": (address,)}))


@pytest.mark.parametrize("subject", ["a\nb", "a\r\nBcc: x@y", "", "\x00", "x" * 999])
def test_a_subject_is_one_line(subject: str) -> None:
    with pytest.raises(ValidationError):
        SendEmail(**(MAIL | {"subject": subject}))


@pytest.mark.parametrize(
    "body", [{}, {"text": "a", "template": "t"}, {"html": "a", "template": "t"}, {"text": "a", "values": {"x": 1}}]
)
def test_a_mail_has_one_kind_of_body(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SendEmail(to=("a@example.org",), subject="Hi", **body)


def test_an_attachment_is_bytes_and_travels_as_base64() -> None:
    mail = SendEmail(**MAIL, attachments=(Attachment(name="a.bin", content="AP8="),))

    assert mail.attachments[0].content == b"\x00\xff"
    payload = mail.to_payload()
    assert SendEmail.from_payload(payload)[0] == mail


@pytest.mark.parametrize("destination", ["", "a\x00b", "a\\b", "a\nb"])
def test_a_destination_has_no_character_that_means_something_else(destination: str) -> None:
    with pytest.raises(ValidationError):
        DownloadFile(url="http://x.test/f", destination=destination)


def test_a_secret_travels_and_is_hidden_wherever_people_look() -> None:
    job = SyncUser(user="alice", password="hunter2")

    assert job.to_payload()["password"] == "hunter2"
    assert "hunter2" not in repr(job)
    assert "hunter2" not in str(job.model_dump())
    assert redact(SyncUser, job.to_payload()) == job.to_payload() | {"password": REDACTED}


def test_a_secret_that_is_not_set_is_not_said_to_be_hidden() -> None:
    payload = SyncUser(user="alice").to_payload()

    assert redact(SyncUser, payload) == payload
    assert secret_fields(SyncUser) == {"password"}
    assert secret_fields(SendEmail) == frozenset()


def test_a_message_carries_the_payload_and_its_options() -> None:
    message = message_for(SyncUser(user="alice"), idempotency_key="k", priority=Priority.BULK, traceparent="00-a-b-01")

    assert (message.actor_name, message.queue_name, message.args) == ("sync.user", "sync.jellyfin", ())
    assert message.kwargs == {"payload": {"provider": "jellyfin", "user": "alice", "state": "enabled"}}
    options = message.options
    assert (options["priority"], options["idempotency_key"], options["kind_version"]) == ("bulk", "k", 1)
    assert options["traceparent"] == "00-a-b-01"
    assert len(options["fingerprint"]) == 64
    assert options["request_id"] == message.message_id, "nothing else caused it"
