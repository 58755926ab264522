"""What is needed to send mail through one relay."""

import ipaddress
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from leeward.extension.patience import Patience
from providers.smtp.answers.override import Override
from providers.smtp.headers import Unwritable, mailbox
from providers.smtp.mail.address import InvalidAddress, ascii_domain, ascii_form

DEFAULT_CONNECT_TIMEOUT = timedelta(seconds=20)
DEFAULT_COMMAND_TIMEOUT = timedelta(seconds=60)
DEFAULT_FINAL_REPLY_TIMEOUT = timedelta(minutes=10)
"""RFC 5321 §4.5.3.2.6: giving up earlier "would typically result in delivery of multiple copies"."""
DEFAULT_KEEP_IDLE = timedelta(seconds=2)
DEFAULT_IDLE_BEFORE_NOOP = timedelta(seconds=15)
DEFAULT_WAIT_FOR_SESSION = timedelta(seconds=5)
DEFAULT_MESSAGES_PER_CONNECTION = 100
DEFAULT_ATTACHMENT_LIMIT_BYTES = 25 * 1024 * 1024
DEFAULT_PATIENCE = Patience(first=timedelta(minutes=6), longest=timedelta(hours=4))
"""Greylisting servers commonly want five minutes. Then RFC 5321 §4.5.4.1: a few attempts in the first hour, later one in some hours."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LARGEST_PORT = 65535
_WORD = re.compile(r"[!-~]{1,255}")
_COMMANDS_AT_MOST = 20
"""Two sign-ins (the second after a lost connection) and one envelope."""


class Tls(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    """Required: a server that does not offer it gets no mail."""
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpConfig:
    """One relay and how to behave at it.

    Attributes:
        sender: the address in the envelope and in `From`.
        sender_name: the name beside it in `From`.
        name: the provider's name in queues, errors and metrics.
        username, password: both or neither; printable ASCII.
        local_name: how we introduce ourselves; this machine's full name otherwise.
        connect_timeout: for the connection, TLS included, and for the greeting.
        command_timeout: for the answer to each command. What it cuts off is safe to repeat.
        final_reply_timeout: for the answer after the message's final dot. What it cuts off has an unknown outcome.
        keep_idle: how long a session without mail is kept for the next one. Seconds: the relay counts it as in use.
        idle_before_noop: a session that was idle for longer is checked with a NOOP before it is used again.
        messages_per_connection: then a new one is opened.
        wait_for_session: how long a mail waits while others hold every session that the relay allows.
        patience: the pauses after a recipient was deferred, by greylisting or a full mailbox. They end with the job's deadline.
        case_insensitive_domains: ASCII domains, in lower case, whose mailboxes do not differ by case alone; `*` means all.
        overrides: replies that this relay means in its own way; they come before the known ones.
        ca_file: certificates to trust besides the platform's authorities.
        ssl_context: in place of both.

    Raises:
        ValueError: a value that cannot work; the message says which and what to do.
    """

    host: str
    port: int
    sender: str
    sender_name: str = ""
    name: str = "smtp"
    tls: Tls = Tls.STARTTLS
    username: str | None = None
    password: SecretStr | None = field(default=None, repr=False)
    local_name: str | None = None
    connect_timeout: timedelta = DEFAULT_CONNECT_TIMEOUT
    command_timeout: timedelta = DEFAULT_COMMAND_TIMEOUT
    final_reply_timeout: timedelta = DEFAULT_FINAL_REPLY_TIMEOUT
    keep_idle: timedelta = DEFAULT_KEEP_IDLE
    idle_before_noop: timedelta = DEFAULT_IDLE_BEFORE_NOOP
    messages_per_connection: int = DEFAULT_MESSAGES_PER_CONNECTION
    wait_for_session: timedelta = DEFAULT_WAIT_FOR_SESSION
    patience: Patience = DEFAULT_PATIENCE
    case_insensitive_domains: frozenset[str] = frozenset()
    overrides: tuple[Override, ...] = ()
    ca_file: Path | None = None
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._check_server()
        self._check_credentials()
        try:
            ascii_form(self.sender)
        except InvalidAddress as error:
            raise ValueError(f"the sender is not an address to send from: {error}") from error
        try:
            mailbox("From", ascii_form(self.sender), self.sender_name)
        except Unwritable as error:
            raise ValueError(f"the sender's name cannot be written: {error}") from error
        if self.local_name is not None and not _WORD.fullmatch(self.local_name):
            raise ValueError("local_name must be a host name, such as worker.example.org")
        timeouts = (self.connect_timeout, self.command_timeout, self.final_reply_timeout)
        if min(timeouts) <= timedelta(0) or self.messages_per_connection < 1:
            raise ValueError("timeouts and messages_per_connection must be more than zero")

    @property
    def server(self) -> str:
        """Where to connect: an IP address, or the host name in ASCII.

        Raises:
            InvalidAddress: `host` is neither.
        """
        with suppress(ValueError):
            return str(ipaddress.ip_address(self.host))
        return ascii_domain(self.host)

    @property
    def longest_send(self) -> timedelta:
        """How long one `Mailer.send` can take when every answer comes at the last moment."""
        opening = (self.wait_for_session + self.connect_timeout * 3) * 2  # the second after a lost session
        return opening + self.command_timeout * _COMMANDS_AT_MOST + self.final_reply_timeout

    def _check_server(self) -> None:
        try:
            known = bool(self.server)
        except InvalidAddress:
            known = False
        if not known or not 0 < self.port <= _LARGEST_PORT:
            raise ValueError("the server must be a host name or address, and a port from 1 to 65535")

    def _check_credentials(self) -> None:
        if (self.username is None) != (self.password is None):
            raise ValueError("give a username and a password, or neither")
        if self.username is None or self.password is None:
            return
        if not f"{self.username}{self.password.get_secret_value()}".isascii():
            raise ValueError("username and password must be ASCII, which is all that SMTP AUTH takes")
        if self.tls is Tls.NONE and self.host not in _LOOPBACK:
            raise ValueError("a password would travel in the clear: set tls to starttls or implicit")
