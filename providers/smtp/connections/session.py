"""One SMTP session in which everything has a time limit in all: connecting, each reply, each transfer."""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from math import inf

from providers.smtp.connections.reply import ReplyTooLong, read_reply

BLOCK = 64 * 1024
SLOWEST_BYTES_PER_SECOND = 16 * 1024
"""A transfer that is slower than this, after the time of a command, is taken for none."""
_FAREWELL = timedelta(seconds=2)
_READY = 220
_OK = 250
_REFUSALS = range(400, 600)
_KNOWS_NO_EHLO = frozenset(range(500, 600))
"""Any of them, as old servers say it in many ways; a temporary refusal is of us."""
_A_DAY_SECONDS = 86_400.0


class UnreadableReply(smtplib.SMTPException):
    """Raised when a server's reply is beyond all bounds. The session is closed."""


class Session(smtplib.SMTP):
    """smtplib's session with bounds on what a server may send and how slowly.

    smtplib's own timeout begins again with every byte; here it is the time for a whole reply.
    """

    def __init__(
        self,
        *,
        local_name: str | None,
        within: timedelta | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(local_hostname=local_name)
        self._clock = clock
        self._last_instant = inf if within is None else clock() + within.total_seconds()
        self._unread = bytearray()
        self.is_encrypted = False

    def open(self, host: str, port: int, *, timeout: timedelta, tls: ssl.SSLContext | None = None) -> None:
        """Connects, within `timeout` in all, and reads the greeting, within as long again.

        Raises:
            SMTPConnectError: the greeting refuses, or is none.
            OSError, SMTPException: there is no connection.
        """
        self.sock = _connected(host, port, self._end(timeout.total_seconds()), self._clock)
        # Body and final dot are sent apart; Nagle's algorithm would hold the dot until the body is acknowledged.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.set_timeout(timedelta(seconds=_left(self._end(timeout.total_seconds()), self._clock())))
        if tls is not None:
            self._encrypt(tls, host)
        code, text = self.getreply()
        if code != _READY:
            self.close()
            raise smtplib.SMTPConnectError(code, text)

    def introduce(self) -> None:
        """EHLO, or HELO where the server knows no other (RFC 5321 §3.2).

        Raises:
            SMTPHeloError: the server refuses us; many hang up right after they said why.
            SMTPServerDisconnected: no answer came.
        """
        code, text = self.ehlo()
        if code == _OK:
            return
        if code not in _KNOWS_NO_EHLO:
            raise smtplib.SMTPHeloError(code, text)
        try:
            again = self.helo()
        except (smtplib.SMTPServerDisconnected, OSError):
            raise smtplib.SMTPHeloError(code, text) from None
        if again[0] != _OK:
            raise smtplib.SMTPHeloError(*(again if again[0] in _REFUSALS else (code, text)))

    def upgrade(self, tls: ssl.SSLContext, host: str) -> None:
        """STARTTLS (RFC 3207); what was known of the server's extensions is forgotten.

        Raises:
            SMTPNotSupportedError: the server does not offer it.
            SMTPResponseException: the server refuses.
        """
        if not self.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError("it offers no STARTTLS")
        code, text = self.docmd("STARTTLS")
        if code != _READY:
            raise smtplib.SMTPResponseException(code, text)
        self._unread.clear()  # sent in the clear, possibly by an attacker in between
        self._encrypt(tls, host)
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def set_timeout(self, timeout: timedelta) -> None:
        """For every answer from now on."""
        if self.sock is not None:
            self.sock.settimeout(timeout.total_seconds())

    def getreply(self) -> tuple[int, bytes]:
        """The next reply. Its code is -1 when what comes is not SMTP.

        Raises:
            SMTPServerDisconnected: it did not come whole within the timeout, or the connection is lost. The session is closed.
            UnreadableReply: it is beyond all bounds. The session is closed.
        """
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("there is no connection")
        seconds = self.sock.gettimeout()
        try:
            reply = read_reply(self._receiving(seconds), self._unread)
        except ReplyTooLong as error:
            self.close()
            raise UnreadableReply(str(error)) from error
        except TimeoutError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(f"no complete reply within {seconds:g} s") from error
        except (OSError, EOFError) as error:
            self.close()
            if isinstance(error, ssl.SSLError):
                raise
            raise smtplib.SMTPServerDisconnected(f"connection lost: {error}") from error
        self.sock.settimeout(seconds)
        return reply

    def send(self, s: "str | bytes | bytearray | memoryview") -> None:  # type: ignore[override]
        """Sends all of it, not slower than `SLOWEST_BYTES_PER_SECOND` once the timeout of a command is over.

        Raises:
            SMTPServerDisconnected: it could not be sent so. The session is closed.
        """
        data = s.encode(self.command_encoding) if isinstance(s, str) else s
        self.transfer([data], len(data))

    def transfer(self, blocks: Iterable[bytes | bytearray | memoryview], size: int) -> None:
        """Sends `size` bytes that come in blocks, within the time that `send` has for as many at once.

        Raises:
            SMTPServerDisconnected: see `send`.
            Exception: what `blocks` raises; the other side then has a part.
        """
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("there is no connection")
        seconds = self.sock.gettimeout() or 0.0
        end = self._end(seconds + size / SLOWEST_BYTES_PER_SECOND)
        for block in blocks:
            self._send_by(end, memoryview(block), seconds)

    def _send_by(self, end: float, data: memoryview, seconds: float) -> None:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("there is no connection")
        try:
            while data:
                self.sock.settimeout(_left(end, self._clock()))
                data = data[self.sock.send(data[:BLOCK]) :]
            self.sock.settimeout(seconds)
        except OSError as error:
            alert = self._alert()
            self.close()
            raise alert or smtplib.SMTPServerDisconnected(f"it could not be sent: {error}") from error

    def take_leave(self) -> None:
        """QUIT, and waits a moment for the server to close: only then does it count the session no more. Raises nothing."""
        with suppress(smtplib.SMTPException, OSError):
            self.set_timeout(_FAREWELL)
            self.docmd("QUIT")
            if self.sock is not None:
                self.sock.recv(1)
        with suppress(OSError):
            self.close()

    def _encrypt(self, tls: ssl.SSLContext, host: str) -> None:
        assert self.sock is not None
        self.sock = tls.wrap_socket(self.sock, server_hostname=host)
        self.is_encrypted = True

    def _end(self, seconds: float) -> float:
        return min(self._clock() + seconds, self._last_instant)

    def _alert(self) -> ssl.SSLError | None:
        """Why the other side ended TLS, as far as it said so: with TLS 1.3 that comes after the handshake."""
        if not isinstance(self.sock, ssl.SSLSocket):
            return None
        try:
            self.set_timeout(_FAREWELL)
            self.sock.recv(1)
        except ssl.SSLError as error:
            return error if "ALERT" in (error.reason or "") else None
        except OSError:
            pass
        return None

    def _receiving(self, seconds: float | None) -> Callable[[], bytes]:
        end = self._end(_A_DAY_SECONDS if seconds is None else seconds)

        def receive() -> bytes:
            assert self.sock is not None
            self.sock.settimeout(_left(end, self._clock()))
            return self.sock.recv(4096)

        return receive


def _left(end: float, now: float) -> float:
    if now >= end:
        raise TimeoutError("the time for all of it is over")
    return end - now


def _connected(host: str, port: int, end: float, clock: Callable[[], float]) -> socket.socket:
    """A connection to the first address that takes one, all tries within the same time."""
    failure: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        attempt = socket.socket(family, kind, protocol)
        try:
            attempt.settimeout(_left(end, clock()))
            attempt.connect(address)
        except OSError as error:
            attempt.close()
            failure = failure or error
        else:
            return attempt
    raise failure or OSError(f"{host} has no address")
