"""A mail job as the message that is sent. The same job gives the same bytes, however often it is tried."""

import base64
import hashlib
from datetime import datetime
from email.message import EmailMessage

from leeward.extension.errors import Permanent
from leeward.jobs.email.attachment import Attachment
from leeward.jobs.email.send import SendEmail
from providers.smtp.config import SmtpConfig
from providers.smtp.headers import SEVEN_BIT, Field, disposition, mailbox, unstructured
from providers.smtp.mail.address import ascii_form
from providers.smtp.mail.body import Body

_ID_LENGTH = 40
_STAND_IN_BYTES = 24
"""One line of base64."""


def message_id(identity: str, sender: str) -> str:
    """The Message-ID of a job, `<hash@domain of the sender>`, by which a mail that came twice can be recognised.

    Args:
        identity: the job's idempotency key, or its id.
        sender: an address.
    """
    domain = ascii_form(sender).rpartition("@")[2]
    return f"<{hashlib.sha256(identity.encode()).hexdigest()[:_ID_LENGTH]}@{domain}>"


def compose(
    job: SendEmail, recipient: str, body: Body, *, config: SmtpConfig, identity: str, date: datetime
) -> EmailMessage:
    """Builds the message for one recipient, who alone is named in it. What an attachment names instead of holding is not in it: a line
    represents it, see `stand_ins`.

    Args:
        job: subject, reply address and attachments.
        recipient: for the header.
        body: already rendered.
        config: who sends it.
        identity: the job's idempotency key, or its id.
        date: when the job was enqueued, aware of its time zone.

    Raises:
        Permanent: something in the job cannot stand in a mail.
    """
    message = EmailMessage(policy=SEVEN_BIT)
    try:
        message["Message-ID"] = Field("Message-ID", message_id(identity, config.sender))
        message["Date"] = date
        message["From"] = mailbox("From", ascii_form(config.sender), config.sender_name)
        message["To"] = mailbox("To", ascii_form(recipient))
        if job.reply_to is not None:
            message["Reply-To"] = mailbox("Reply-To", ascii_form(job.reply_to))
        message["Subject"] = unstructured("Subject", job.subject)
        _set_body(message, body)
        for number, attachment in enumerate(job.attachments):
            _attach(message, attachment, _stand_in(identity, number))
    except ValueError as error:
        why = f"the mail cannot be written: {error}"
        raise Permanent(why, provider=config.name, operation="compose") from error
    _fix_boundaries(message, identity)
    return message


def stand_ins(job: SendEmail, identity: str) -> list[bytes]:
    """The line of base64, for each attachment that the job does not hold itself, which `compose` puts in its place."""
    return [
        base64.b64encode(_stand_in(identity, number))
        for number, attachment in enumerate(job.attachments)
        if attachment.content is None
    ]


def _stand_in(identity: str, number: int) -> bytes:
    return hashlib.sha256(f"attachment {number} of {identity}".encode()).digest()[:_STAND_IN_BYTES]


def _set_body(message: EmailMessage, body: Body) -> None:
    if body.text is not None:
        message.set_content(body.text, cte=_encoding(body.text))
        if body.html is not None:
            message.add_alternative(body.html, subtype="html", cte=_encoding(body.html))
    else:
        message.set_content(body.html or "", subtype="html", cte=_encoding(body.html or ""))


def _encoding(text: str) -> str | None:
    """Base64 for text with a NUL, which no line of a mail may hold (RFC 5322 §4.1) and relays drop; Python's own choice for all else."""
    return "base64" if "\0" in text else None


def _attach(message: EmailMessage, attachment: Attachment, stand_in: bytes) -> None:
    main, _, sub = attachment.content_type.partition("/")
    if main in {"multipart", "message"}:
        raise ValueError(f"{attachment.name!r} is {attachment.content_type}: attach it as application/octet-stream")
    content = stand_in if attachment.content is None else attachment.content
    message.add_attachment(content, maintype=main, subtype=sub)
    *_, part = message.iter_attachments()
    del part["Content-Disposition"]
    part["Content-Disposition"] = disposition(attachment.name)


def _fix_boundaries(message: EmailMessage, identity: str) -> None:
    seed = hashlib.sha256(identity.encode()).hexdigest()[:_ID_LENGTH]
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"={seed}={number}=")
