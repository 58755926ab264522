"""A server that keeps sending, and never says a whole thing, is given up when the time for it is over."""

import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from pydantic import SecretStr

from leeward.extension.errors import Ambiguous, Transient
from providers.smtp.connections.session import Session
from providers.smtp.mailer import Mailer
from simulators.faults import Effect, Rule
from simulators.mail.server import MailSimulator
from tests.integration.providers.smtp.scripted import playing
from tests.integration.providers.smtp.sending import failure, send

Connect = Callable[..., Mailer]
SOON = timedelta(seconds=0.3)
DRIPS = [None, "220-", "250-x", "250 ", "\r", " "]


@pytest.mark.parametrize("body", DRIPS[:3])
@pytest.mark.parametrize("operation", ["CONNECT", "EHLO", "MAIL *", "RCPT *", "DATA"])
def test_a_dripped_reply_before_the_final_dot_is_no_answer(
    operation: str, body: str | None, mail: MailSimulator, connect: Connect
) -> None:
    mail.faults.set(Rule(operation=operation, effect=Effect.DRIP, body=body))

    error = failure(connect(connect_timeout=SOON, command_timeout=SOON))

    assert type(error) is Transient
    assert error.unreachable


@pytest.mark.parametrize("body", DRIPS)
def test_a_dripped_reply_to_the_final_dot_leaves_the_outcome_open(
    body: str | None, mail: MailSimulator, connect: Connect
) -> None:
    mail.faults.set(Rule(operation="ACCEPT *", effect=Effect.DRIP, body=body))

    assert type(failure(connect(final_reply_timeout=SOON))) is Ambiguous


@pytest.mark.parametrize("operation", ["CONNECT", "EHLO", "AUTH"])
def test_health_ends_though_a_reply_does_not(operation: str, mail: MailSimulator, connect: Connect) -> None:
    mail.configure({"users": {"fleet": "sesame"}})
    mail.faults.set(Rule(operation=operation, effect=Effect.DRIP, body="2"))

    assert (
        not connect(connect_timeout=SOON, command_timeout=SOON, username="fleet", password=SecretStr("sesame"))
        .health()
        .ok
    )


@pytest.mark.parametrize("operation", ["CONNECT", "EHLO", "AUTH"])
def test_a_look_at_health_has_a_time_limit_for_all_replies_together(
    operation: str, mail: MailSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.smtp.health.LONGEST_LOOK", SOON)
    mail.configure({"users": {"fleet": "sesame"}})
    mail.faults.set(Rule(operation=operation, effect=Effect.DRIP, body="2"))

    health = connect(username="fleet", password=SecretStr("sesame")).health()

    assert not health.ok


def test_a_server_that_reads_too_slowly_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = threading.Event()

    def script(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"220 mail\r\n")
        while not given_up.is_set() and connection.recv(1):
            pass

    monkeypatch.setattr("providers.smtp.connections.session.SLOWEST_BYTES_PER_SECOND", 10**9)
    session = Session(local_name="worker.example.org")
    with playing(script) as port:
        session.open("127.0.0.1", port, timeout=SOON)
        with pytest.raises(SMTPServerDisconnected):
            session.send(bytes(32 * 1024 * 1024))
        given_up.set()
    assert session.sock is None


def test_a_slow_reply_that_comes_whole_in_time_is_an_answer(mail: MailSimulator, connect: Connect) -> None:
    mail.faults.set(Rule(operation="RCPT *", latency_ms=100))

    assert send(connect(command_timeout=timedelta(seconds=5)))["code"] == 250
