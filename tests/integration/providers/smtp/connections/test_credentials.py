"""Signing in: which way, one way only, and what a refusal of each kind means."""

import hmac
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trustme
from pydantic import SecretStr

from leeward.extension.errors import AuthFailed, Misconfigured, ProviderError
from providers.smtp.config import Tls
from providers.smtp.mailer import Mailer
from simulators.faults import Effect, Rule
from simulators.mail.server import MailSimulator, Settings
from simulators.mail.server import Tls as SimulatedTls
from tests.integration.providers.smtp.scripted import playing, saying
from tests.integration.providers.smtp.sending import accepted, failure, send

Connect = Callable[..., Mailer]
CREDENTIALS = {"username": "tim", "password": SecretStr("tanstaaftanstaaf")}
USERS = {"tim": "tanstaaftanstaaf"}
GREETING, EHLO = b"220 mail\r\n", b"250-mail\r\n250 AUTH CRAM-MD5\r\n"


def attempts(mail: MailSimulator) -> int:
    described: Any = mail.faults.describe()
    return int(described[0]["hits"])


def over_tls(authority: trustme.CA, **settings: Any) -> tuple[MailSimulator, ssl.SSLContext]:
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return MailSimulator(settings=Settings(tls=SimulatedTls.STARTTLS, **settings), tls_context=server), client


def test_over_tls_a_server_that_cannot_do_the_cram_md5_it_offers_gets_the_password_plainly(connect: Connect) -> None:
    simulator, trust = over_tls(trustme.CA(), users=USERS, mechanisms=("CRAM-MD5", "LOGIN", "PLAIN"))
    with simulator as mail:
        send(connect(port=mail.port, tls=Tls.STARTTLS, ssl_context=trust, **CREDENTIALS))

        assert accepted(mail) == 1


@pytest.mark.parametrize("mechanisms", [("PLAIN",), ("LOGIN",), ("LOGIN", "PLAIN")])
def test_whatever_is_offered_of_ours_is_used(mechanisms: tuple[str, ...], connect: Connect) -> None:
    with MailSimulator(settings=Settings(users=USERS, mechanisms=mechanisms)) as mail:
        send(connect(port=mail.port, **CREDENTIALS))

        assert accepted(mail) == 1


@pytest.mark.parametrize("hang_up", [False, True])
@pytest.mark.parametrize(
    "mechanisms",
    [("PLAIN",), ("LOGIN",), ("CRAM-MD5",), ("PLAIN", "LOGIN"), ("CRAM-MD5", "PLAIN"), ("CRAM-MD5", "PLAIN", "LOGIN")],
)
def test_a_refused_password_is_tried_once_and_is_auth_failed(
    mechanisms: tuple[str, ...], hang_up: bool, connect: Connect
) -> None:
    settings = Settings(users={"tim": "another"}, mechanisms=mechanisms, hang_up_after_refused_login=hang_up)
    with MailSimulator(settings=settings) as mail:
        mail.faults.set(Rule(operation="AUTH"))
        error = failure(connect(port=mail.port, **CREDENTIALS))

        assert type(error) is AuthFailed
        assert error.status == 535
        assert attempts(mail) == 1


def test_a_mechanism_that_the_server_does_not_know_after_all_is_followed_by_the_next(connect: Connect) -> None:
    with MailSimulator(settings=Settings(users=USERS)) as mail:
        mail.faults.set(Rule(operation="AUTH", effect=Effect.STATUS, status=504, body="5.5.4 unknown", times=1))
        send(connect(port=mail.port, **CREDENTIALS))

        assert accepted(mail) == 1


def test_cram_md5_answers_as_rfc_2195_does(connect: Connect) -> None:
    heard: list[bytes] = []

    def script(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        for reply in (
            GREETING,
            EHLO,
            b"334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n",
            b"535 5.7.8 no\r\n",
        ):
            connection.sendall(reply)
            heard.append(lines.readline())

    with playing(script) as port:
        failure(connect(port=port, **CREDENTIALS))

    assert heard[2] == b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n"


def test_a_platform_that_refuses_md5_is_an_operators_error(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise ValueError("[digital envelope routines] unsupported")

    monkeypatch.setattr(hmac, "new", refused)
    with playing(saying(GREETING, EHLO, b"334 PDE4OTY=\r\n")) as port:
        error = failure(connect(port=port, **CREDENTIALS))

    assert type(error) is Misconfigured
    assert "MD5" in str(error)


@pytest.mark.parametrize(
    ("greeting", "ehlo", "answers"),
    [
        (GREETING, EHLO, [b"334 not base64!\r\n"]),
        (GREETING, EHLO, [b"334 PDE4O\r\n"]),
        (GREETING, EHLO, [b"334 \xff\xfe\r\n"]),
        (GREETING, EHLO, [b"334 PDE4OTY=\r\n", b"334 and again\r\n"]),
        (GREETING, b"250-mail\r\n250 AUTH PLAIN\r\n", [b"334 more\r\n"]),
        (GREETING, b"250-mail\r\n250 AUTH LOGIN\r\n", [b"334 \r\n", b"334 \r\n", b"334 \r\n"]),
        (GREETING, b"250-mail\r\n250 AUTH GSSAPI NTLM XOAUTH2\r\n", []),
        (GREETING, b"250 mail\r\n", []),
        (GREETING, EHLO, [b"504 5.5.4 unknown\r\n"]),
        (GREETING, EHLO, [b"501 5.5.2 cannot decode\r\n"]),
        (b"220-" + b"x" * 5000 + b"\r\n", EHLO, []),
        (b"220-mail\r\n" * 500, EHLO, []),
        (b"\x00\x01\x02\r\n", EHLO, []),
        (b"HTTP/1.1 400 Bad Request\r\n", EHLO, []),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", EHLO, []),
        (GREETING, b"250-" + b"y" * 5000 + b"\r\n", []),
        (GREETING, b"250-FEATURE\r\n" * 500, []),
        (GREETING, b"\xff\xff\xff\xff\r\n", [b"\xff\r\n"]),
    ],
)
def test_what_no_mail_can_get_past_is_an_operators_error_and_is_a_finding_of_health(
    greeting: bytes, ehlo: bytes, answers: list[bytes], connect: Connect
) -> None:
    with playing(saying(greeting, ehlo, *answers)) as port:
        mailer = connect(port=port, **CREDENTIALS)
        error, health = failure(mailer), mailer.health()

    assert type(error) is Misconfigured, error
    assert not health.ok
    assert str(error).isprintable()


def test_a_look_at_health_does_not_try_a_refused_password_every_minute(mail: MailSimulator, connect: Connect) -> None:
    mail.configure({"users": {"tim": "another"}})
    mail.faults.set(Rule(operation="AUTH"))
    mailer = connect(**CREDENTIALS)

    found = [mailer.health() for _ in range(5)]

    assert {health.ok for health in found} == {False}
    assert len({health.detail for health in found}) == 1
    assert attempts(mail) == 1


def _only_tls_1_3(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    server.minimum_version = ssl.TLSVersion.TLSv1_3
    client.maximum_version = ssl.TLSVersion.TLSv1_2


def _no_common_cipher(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    server.maximum_version = client.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers("ECDHE+AESGCM")
    client.set_ciphers("ECDHE+CHACHA20")


def _client_certificate(server: ssl.SSLContext, _: ssl.SSLContext) -> None:
    server.verify_mode = ssl.CERT_REQUIRED


@pytest.mark.parametrize("disagree", [_only_tls_1_3, _no_common_cipher, _client_certificate])
@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_an_alert_of_tls_is_an_operators_error(
    disagree: Callable[[ssl.SSLContext, ssl.SSLContext], None], tls: Tls, connect: Connect
) -> None:
    server, client, authority = (
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        trustme.CA(),
    )
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    disagree(server, client)

    def script(connection: socket.socket) -> None:
        if tls is Tls.STARTTLS:
            for reply in (GREETING, b"250-mail\r\n250 STARTTLS\r\n"):
                connection.sendall(reply)
                connection.recv(1000)  # one command
            connection.sendall(b"220 go ahead\r\n")
        with server.wrap_socket(connection, server_side=True) as encrypted:
            encrypted.sendall(GREETING)
            encrypted.recv(100)

    with playing(script) as port:
        error: ProviderError = failure(connect(port=port, tls=tls, ssl_context=client))

    assert type(error) is Misconfigured, error
    assert "TLS" in str(error)
