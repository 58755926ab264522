"""Greeting, TLS and AUTH, and what it means when they fail."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import trustme
from pydantic import SecretStr

from leeward.extension.errors import AuthFailed, Misconfigured, ProviderError, Transient
from providers.smtp.config import Tls
from providers.smtp.mailer import Mailer
from simulators.faults import Effect, Rule
from simulators.mail.server import MailSimulator, Settings
from simulators.mail.server import Tls as SimulatedTls
from tests.integration.providers.smtp.sending import accepted, failure, send, sessions

Connect = Callable[..., Mailer]
PASSWORD = "open sesame"
CREDENTIALS = {"username": "fleet", "password": SecretStr(PASSWORD)}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    """A client that trusts our authority and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context


def relay(authority: trustme.CA, tls: SimulatedTls, name: str = "127.0.0.1", **settings: object) -> MailSimulator:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return MailSimulator(settings=Settings(tls=tls, **settings), tls_context=context)


@pytest.fixture(params=list(SimulatedTls)[1:])
def tls_relay(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[MailSimulator]:
    """A relay with STARTTLS, then one with implicit TLS; both ask for a password."""
    with relay(authority, request.param, users={"fleet": PASSWORD}) as simulator:
        yield simulator


def tls_of(simulator: MailSimulator) -> Tls:
    return Tls(simulator.settings.tls.value)


def test_mail_is_sent_over_tls_with_a_password(
    tls_relay: MailSimulator, connect: Connect, trust: ssl.SSLContext
) -> None:
    mailer = connect(port=tls_relay.port, tls=tls_of(tls_relay), ssl_context=trust, **CREDENTIALS)

    send(mailer, number=1)
    send(mailer, number=2)

    assert (accepted(tls_relay), sessions(tls_relay)) == (2, 1)


def test_a_certificate_that_nobody_trusts_is_an_operators_error(tls_relay: MailSimulator, connect: Connect) -> None:
    error = failure(connect(port=tls_relay.port, tls=tls_of(tls_relay), **CREDENTIALS))

    assert type(error) is Misconfigured
    assert "certificate" in str(error)
    assert accepted(tls_relay) == 0


@pytest.mark.parametrize("tls", list(SimulatedTls)[1:])
def test_a_certificate_for_another_name_is_an_operators_error(
    tls: SimulatedTls, authority: trustme.CA, trust: ssl.SSLContext, connect: Connect
) -> None:
    with relay(authority, tls, "mail.example.org") as simulator:
        error = failure(connect(port=simulator.port, tls=tls_of(simulator), ssl_context=trust))

    assert type(error) is Misconfigured


def test_a_lost_connection_after_the_final_dot_is_ambiguous_over_tls_too(
    tls_relay: MailSimulator, connect: Connect, trust: ssl.SSLContext
) -> None:
    tls_relay.faults.set(Rule(operation="ACCEPT *", effect=Effect.RESET))

    error = failure(connect(port=tls_relay.port, tls=tls_of(tls_relay), ssl_context=trust, **CREDENTIALS))

    assert type(error).__name__ == "Ambiguous"


def test_a_server_without_starttls_gets_no_mail(mail: MailSimulator, connect: Connect) -> None:
    error = failure(connect(tls=Tls.STARTTLS))

    assert type(error) is Misconfigured
    assert accepted(mail) == 0


def test_a_server_that_does_not_speak_tls_is_an_operators_error(mail: MailSimulator, connect: Connect) -> None:
    error = failure(connect(tls=Tls.IMPLICIT))

    assert type(error) is Misconfigured
    assert "starttls" in str(error)


def test_tls_that_is_unavailable_for_now_is_transient(authority: trustme.CA, connect: Connect) -> None:
    with relay(authority, SimulatedTls.STARTTLS) as simulator:
        simulator.faults.set(Rule(operation="STARTTLS", effect=Effect.STATUS, status=454, body="TLS not available"))
        error = failure(connect(port=simulator.port, tls=Tls.STARTTLS))

    assert type(error) is Transient


def test_a_wrong_password_is_refused_credentials_and_is_not_shown(mail: MailSimulator, connect: Connect) -> None:
    mail.configure({"users": {"fleet": "another"}})

    error = failure(connect(**CREDENTIALS))

    assert type(error) is AuthFailed
    assert error.status == 535
    assert PASSWORD not in str(error)


def test_a_missing_password_is_refused_credentials(mail: MailSimulator, connect: Connect) -> None:
    mail.configure({"users": {"fleet": PASSWORD}})

    error = failure(connect())

    assert type(error) is AuthFailed
    assert error.status == 530


def test_a_server_without_auth_is_an_operators_error(mail: MailSimulator, connect: Connect) -> None:
    mail.faults.set(Rule(operation="EHLO", effect=Effect.STATUS, status=502, body="5.5.1 no EHLO here"))

    assert type(failure(connect(**CREDENTIALS))) is Misconfigured


@pytest.mark.parametrize(
    ("status", "text"),
    [(432, "4.7.12 a password transition is needed"), (454, "4.7.0 Temporary authentication failure")],
)
def test_a_temporary_failure_of_auth_is_transient(
    status: int, text: str, mail: MailSimulator, connect: Connect
) -> None:
    mail.faults.set(Rule(operation="AUTH", effect=Effect.STATUS, status=status, body=text))

    assert type(failure(connect(**CREDENTIALS))) is Transient


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (421, "4.3.2 too many connections", Transient),
        (450, "4.3.2 come back later", Transient),
        (500, "The number of sessions exceeds the maximum (10)", Transient),
        (554, "5.3.2 no SMTP service here", Misconfigured),
    ],
)
def test_a_greeting_that_refuses_is_classified(
    status: int, text: str, kind: type[ProviderError], mail: MailSimulator, mailer: Mailer
) -> None:
    mail.faults.set(Rule(operation="CONNECT", effect=Effect.STATUS, status=status, body=text))

    error = failure(mailer)

    assert type(error) is kind
    assert error.status == status


def test_a_refused_connection_is_transient_and_unreachable(connect: Connect) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        error = failure(connect(port=closed.getsockname()[1]))

    assert type(error) is Transient
    assert error.unreachable


def test_a_name_that_does_not_resolve_is_transient_and_unreachable(connect: Connect) -> None:
    error = failure(connect(host="mail.invalid"))

    assert type(error) is Transient
    assert error.unreachable


@pytest.mark.parametrize("effect", [Effect.DOWN, Effect.HANG])
def test_a_server_that_does_not_greet_is_transient_and_unreachable(
    effect: Effect, mail: MailSimulator, connect: Connect
) -> None:
    mail.faults.set(Rule(effect=effect))

    error = failure(connect(connect_timeout=timedelta(seconds=0.2)))

    assert type(error) is Transient
    assert error.unreachable


def test_a_relay_that_can_be_signed_in_to_is_healthy(mail: MailSimulator, mailer: Mailer) -> None:
    health = mailer.health()

    assert health.ok
    assert health.latency is not None
    assert health.latency > timedelta(0)


@pytest.mark.parametrize("effect", [Effect.DOWN, Effect.HANG, Effect.RESET])
def test_a_relay_that_does_not_answer_is_not_healthy(effect: Effect, mail: MailSimulator, connect: Connect) -> None:
    mail.faults.set(Rule(effect=effect))

    health = connect(connect_timeout=timedelta(seconds=0.2)).health()

    assert not health.ok
    assert health.detail.startswith("connect: ")


def test_a_relay_that_refuses_our_password_is_not_healthy(mail: MailSimulator, connect: Connect) -> None:
    mail.configure({"users": {"fleet": "another"}})

    health = connect(**CREDENTIALS).health()

    assert not health.ok
    assert PASSWORD not in health.detail
