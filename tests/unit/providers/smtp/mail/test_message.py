"""A job's message: complete, stable over attempts, and closed to header injection."""

import email
import email.policy
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from leeward.extension.errors import Permanent
from leeward.jobs.email.attachment import Attachment
from leeward.jobs.email.send import SendEmail
from providers.smtp.config import SmtpConfig
from providers.smtp.mail.body import Body
from providers.smtp.mail.message import compose, message_id
from providers.smtp.mail.wire import wire_form

DATE = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
CONFIG = SmtpConfig(host="mail.example.org", port=587, sender="fleet@example.org", sender_name="Die Flöte")


def job(**fields: Any) -> SendEmail:
    return SendEmail(**{"to": ["alice@example.org"], "subject": "Hello", "text": "Hi\n"} | fields)


def composed(work: SendEmail, body: Body | None = None, *, to: str = "alice@example.org") -> EmailMessage:
    body = body or Body(work.text, work.html)
    return compose(work, to, body, config=CONFIG, identity="invite-17", date=DATE)


def received(message: EmailMessage) -> EmailMessage:
    """The message as a mailbox would parse it."""
    parsed = email.message_from_bytes(wire_form(message), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_the_headers_say_who_when_and_which() -> None:
    message = received(composed(job(reply_to="desk@example.org")))

    assert str(message["From"]) == "Die Flöte <fleet@example.org>"
    assert message["To"] == "alice@example.org"
    assert message["Reply-To"] == "desk@example.org"
    assert message["Subject"] == "Hello"
    assert message["Date"].datetime == DATE
    assert message["Message-ID"] == message_id("invite-17", CONFIG.sender)


def test_a_message_id_comes_from_the_key_alone_and_hides_it() -> None:
    first = message_id("invite-17", "fleet@example.org")

    assert first == message_id("invite-17", "fleet@example.org")
    assert first != message_id("invite-18", "fleet@example.org")
    assert re.fullmatch(r"<[0-9a-f]{40}@example\.org>", first)


def test_a_message_id_stays_on_one_line_even_with_a_long_domain() -> None:
    config = SmtpConfig(host="h", port=25, sender=f"fleet@{'long-part.' * 10}example.org")
    message = compose(job(), "alice@example.org", Body("Hi", None), config=config, identity="x", date=DATE)

    assert f"Message-ID: {message_id('x', config.sender)}\r\n".encode() in wire_form(message)


def test_the_same_job_gives_the_same_bytes() -> None:
    work = job(html="<p>Hi</p>", attachments=[{"name": "a.txt", "content": b"aGVsbG8="}])

    assert wire_form(composed(work)) == wire_form(composed(work))


def test_text_and_html_are_alternatives_and_text_comes_first() -> None:
    message = received(composed(job(html="<p>Hi</p>")))

    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_html_alone_stands_alone() -> None:
    message = received(composed(job(text=None, html="<p>Hi</p>")))

    assert message.get_content_type() == "text/html"
    assert message.get_content() == "<p>Hi</p>\r\n"


def test_attachments_keep_their_bytes_names_and_types() -> None:
    content = bytes(range(256)) * 20
    attachment = Attachment.model_construct(name="Größe.bin", content_type="application/x-thing", content=content)
    message = received(composed(job(html="<p>Hi</p>").model_copy(update={"attachments": (attachment,)})))

    (part,) = message.iter_attachments()
    assert part.get_content() == content
    assert part.get_filename() == "Größe.bin"
    assert part.get_content_type() == "application/x-thing"


def test_an_attachment_that_would_be_a_message_itself_is_refused() -> None:
    with pytest.raises(Permanent, match="octet-stream"):
        composed(job(attachments=[{"name": "a", "content": b"aGVsbG8=", "content_type": "message/rfc822"}]))


def test_text_of_any_language_arrives_through_seven_bits() -> None:
    text = "Grüße aus 東京\n" + "x" * 2000 + "\n"
    message = composed(job(text=text, subject="Grüße aus 東京"))

    assert wire_form(message).isascii()
    assert max(len(line) for line in wire_form(message).split(b"\r\n")) < 998
    assert received(message).get_content() == text.replace("\n", "\r\n")
    assert received(message)["Subject"] == "Grüße aus 東京"


def test_a_domain_beyond_ascii_is_written_in_its_ascii_form() -> None:
    assert received(composed(job(), to="a@bücher.example"))["To"] == "a@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address", ["jürgen@example.org", "a@-.", "a@", "a..b@example.org", "(c)@x", f"a@{'x' * 64}.org"]
)
def test_an_address_that_no_mail_can_reach_is_permanent(address: str) -> None:
    with pytest.raises(Permanent):
        composed(job(), to=address)


@pytest.mark.parametrize(
    "subject", ["Hi\r\nBcc: eve@example.org", "Hi\nBcc: eve@example.org", "Hi\u2028Bcc: eve@example.org"]
)
def test_a_subject_cannot_carry_another_header(subject: str) -> None:
    sneaky = job().model_copy(update={"subject": subject})

    with pytest.raises(Permanent):
        composed(sneaky)


def test_an_attachments_name_cannot_carry_another_header() -> None:
    attachment = Attachment.model_construct(name='a"\r\nBcc: eve@example.org', content_type="text/plain", content=b"x")
    sneaky = job().model_copy(update={"attachments": (attachment,)})

    try:
        message = received(composed(sneaky))
    except Permanent:
        return
    assert [part["Bcc"] for part in message.walk()] == [None, None, None]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_lone_dot_does_not_end_a_message(end: str) -> None:
    text = f"before{end}.{end}MAIL FROM:<eve@example.org>{end}..two{end}"
    wire = wire_form(composed(job(text=text)))

    assert re.search(rb"(?<!\r)\n|\r(?!\n)", wire) is None
    assert b"\r\n.\r\n" not in wire
    assert wire.count(b"\r\n..\r\n") == 1


@pytest.mark.parametrize("text", ["\0", "a\0b\n", "é\0\n", "\n.\0\n"])
@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_nul_is_sent_where_no_relay_drops_it(text: str, kind: str) -> None:
    raw = wire_form(composed(job(), Body(text, None) if kind == "text" else Body(None, text)))

    assert b"\0" not in raw
    read = email.message_from_bytes(raw).get_payload(decode=True)
    assert isinstance(read, bytes)
    assert read.decode().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize("content_type", ["application/" + "y" * 128, "y" * 128 + "/pdf"])
def test_a_type_that_is_too_long_for_a_line_is_refused_at_once(content_type: str) -> None:
    with pytest.raises(ValueError, match="content_type"):
        Attachment(name="a", content_type=content_type, content=b"")
