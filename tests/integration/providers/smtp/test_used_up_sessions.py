"""Relays that take so many mails in one session: a new one cures that, whatever code they say it with."""

import socket
from collections.abc import Callable

import pytest

from leeward.extension.errors import Misconfigured
from providers.smtp.mailer import Mailer
from tests.integration.providers.smtp.scripted import Script, playing
from tests.integration.providers.smtp.sending import failure, send

Connect = Callable[..., Mailer]


def refusing_after(mails: int, refusal: bytes) -> Script:
    """Takes so many mails in a session, then refuses each MAIL."""

    def script(connection: socket.socket) -> None:
        connection.sendall(b"220 relay\r\n")
        begun = 0
        for line in connection.makefile("rb"):
            verb = line[:4].upper()
            begun += verb == b"MAIL"
            if verb in {b"EHLO", b"RCPT", b"RSET", b".\r\n", b"QUIT"} or (verb == b"MAIL" and begun <= mails):
                connection.sendall(b"250 ok\r\n")
            elif verb == b"DATA":
                connection.sendall(b"354 go\r\n")
            elif verb == b"MAIL":
                connection.sendall(refusal)
                if not refusal or refusal.startswith(b"421"):
                    return

    return script


@pytest.mark.parametrize(
    "refusal",
    [
        b"",
        b"421 4.7.0 too many messages in this session\r\n",
        b"452 4.5.3 too many messages in this session\r\n",
        b"550 5.7.0 Too many messages in this session\r\n",
        b"503 5.5.1 too many transactions\r\n",
        b"554 5.5.1 Too many mails per session\r\n",
        b"550 5.7.0 Session limit of one mail reached\r\n",
        b"554 no\r\n",
    ],
)
def test_a_session_that_is_used_up_is_replaced(refusal: bytes, connect: Connect) -> None:
    with playing(refusing_after(1, refusal)) as port:
        mailer = connect(port=port)
        codes = [send(mailer, number=number)["code"] for number in range(3)]

    assert codes == [250, 250, 250]


def test_a_relay_that_refuses_the_first_mail_of_a_session_is_asked_once(connect: Connect) -> None:
    with playing(refusing_after(0, b"553 5.7.1 Sender address rejected: not owned by user\r\n")) as port:
        assert type(failure(connect(port=port))) is Misconfigured
