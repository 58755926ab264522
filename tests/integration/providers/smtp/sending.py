"""A mail, and what became of it."""

from email.message import EmailMessage

from leeward.extension.errors import ProviderError
from providers.smtp.mailer import Mailer
from simulators.mail.server import MailSimulator


def mail_to(recipient: str = "alice@example.org", *, number: int = 1) -> EmailMessage:
    message = EmailMessage()
    message["Message-ID"] = f"<{number}@example.org>"
    message["From"] = "fleet@example.org"
    message["To"] = recipient
    message["Subject"] = "Hello"
    message.set_content("Hi\n")
    return message


def send(mailer: Mailer, recipient: str = "alice@example.org", *, number: int = 1) -> dict[str, object]:
    return mailer.send(mail_to(recipient, number=number), recipient, lambda: None)


def failure(mailer: Mailer, recipient: str = "alice@example.org") -> ProviderError:
    """How a mail that must fail fails."""
    try:
        send(mailer, recipient)
    except ProviderError as error:
        return error
    raise AssertionError("the mail was accepted")


def accepted(mail: MailSimulator) -> int:
    return mail.record.counts().get("mail_accepted", 0)


def sessions(mail: MailSimulator) -> int:
    return mail.record.counts().get("session_opened", 0)
