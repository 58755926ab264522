"""What Postfix, Dovecot, Postgrey and postscreen say, and what we make of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, ProviderError, TargetUnavailable, Transient
from providers.smtp.config import Tls
from providers.smtp.mailer import Mailer
from tests.integration.providers.smtp.sending import failure, mail_to, send
from tests.support.real_servers.mail import PASSWORD, USER, MailServer
from tests.support.waiting import wait_until

Connect = Callable[..., Mailer]


def _sent(mailer: Mailer, recipient: str) -> bool:
    try:
        send(mailer, recipient)
    except (TargetUnavailable, Transient):
        return False
    return True


def _arrived(server: MailServer, recipient: str) -> bool:
    return any(f"To: {recipient}".encode() in mail for mail in server.mails())


def test_a_mail_arrives_after_starttls_and_a_sign_in(connect: Connect, server: MailServer) -> None:
    mailer = connect(
        "sign_in", tls=Tls.STARTTLS, ca_file=server.tls.authority, username=USER, password=SecretStr(PASSWORD)
    )

    receipt = send(mailer, "signed-in@example.org")

    assert receipt["code"] == 250
    wait_until(lambda: _arrived(server, "signed-in@example.org"), description="the mail", timeout=30)
    assert mailer.health().ok


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"tls": Tls.STARTTLS, "username": USER, "password": SecretStr("wrong")}, AuthFailed),
        ({"tls": Tls.STARTTLS}, Misconfigured),
        ({"tls": Tls.NONE}, ProviderError),
    ],
)
def test_a_sign_in_that_fails_is_for_an_operator(
    options: dict[str, object], kind: type[ProviderError], connect: Connect, server: MailServer
) -> None:
    found = failure(connect("sign_in", ca_file=server.tls.authority, **options))

    assert isinstance(found, kind)
    assert isinstance(found, AuthFailed | Misconfigured)


def test_an_authority_that_is_not_ours_is_not_trusted(connect: Connect) -> None:
    assert isinstance(failure(connect("sign_in", tls=Tls.STARTTLS)), Misconfigured)


def test_greylisting_defers_this_mail_alone_until_its_time_has_come(connect: Connect, server: MailServer) -> None:
    mailer = connect("greylist")

    found = failure(mailer, "grey@example.org")

    assert isinstance(found, TargetUnavailable)
    assert found.patience is not None
    wait_until(lambda: _sent(mailer, "grey@example.org"), description="the end of greylisting", timeout=30)
    wait_until(lambda: _arrived(server, "grey@example.org"), description="the mail", timeout=30)


def test_postscreen_lets_us_in(connect: Connect, server: MailServer) -> None:
    mailer = connect("postscreen")

    wait_until(lambda: _sent(mailer, "screened@example.org"), description="postscreen to be content", timeout=30)

    wait_until(lambda: _arrived(server, "screened@example.org"), description="the mail", timeout=30)


@pytest.mark.parametrize(
    ("service", "recipient", "kind"),
    [
        ("refusing", "x-full@example.org", TargetUnavailable),
        ("refusing", "x-gone@example.org", Permanent),
        ("full", "anyone@example.org", Transient),
    ],
)
def test_what_postfix_refuses(service: str, recipient: str, kind: type[ProviderError], connect: Connect) -> None:
    assert type(failure(connect(service), recipient)) is kind


def test_a_mail_that_is_too_large_is_refused_before_it_is_sent(connect: Connect) -> None:
    message = mail_to()
    message.set_content("x" * 70 + "\n" + "more than that\n" * 1000)
    marks: list[str] = []

    with pytest.raises(Permanent) as refused:
        connect("small").send(message, "alice@example.org", lambda: marks.append("data"))

    assert (refused.value.operation, marks) == ("mail_from", [])


def test_a_server_with_few_sessions_says_so_and_no_mail_is_lost(connect: Connect, server: MailServer) -> None:
    mailer = connect("two_sessions")
    names = [f"crowd-{number}@example.org" for number in range(12)]

    def until_sent(name: str) -> None:
        wait_until(lambda: _sent(mailer, name), description="a free session", timeout=60)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(until_sent, names))

    wait_until(lambda: all(_arrived(server, name) for name in names), description="all mails", timeout=60)
    mails = server.mails()
    assert [sum(f"To: {name}".encode() in mail for mail in mails) for name in names] == [1] * len(names)
