"""Sends one message to one recipient, and knows at every moment whether that may have happened."""

import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from providers.errors import Ambiguous, Permanent, ProviderError
from providers.health import Health
from providers.smtp.address import InvalidAddress, ascii_form
from providers.smtp.config import SmtpConfig
from providers.smtp.connections import Connections, set_timeout
from providers.smtp.failures import refusal, translated
from providers.smtp.health import check_health
from providers.smtp.replies import CLOSING, Stage
from providers.smtp.wire import wire_form

_OK = range(200, 300)
_GO_AHEAD = 354
_REFUSALS = range(400, 600)


class Mailer:
    """One relay. Safe to use from any number of threads; each keeps a connection of its own, see `close_this_thread`."""

    def __init__(self, config: SmtpConfig) -> None:
        self.config = config
        self._connections = Connections(config)

    def send(self, message: EmailMessage, recipient: str, before_data: Callable[[], None]) -> dict[str, Any]:
        """Hands a message over to the relay, for one recipient. It cannot be taken back.

        Args:
            message: complete with its headers.
            recipient: of the envelope.
            before_data: called once, after the recipient was accepted and right before DATA. What it raises ends the
                envelope without a message and is raised again.

        Returns:
            `code` and `reply` of the relay; the reply often holds its queue id.

        Raises:
            Ambiguous: the connection was lost, or no answer came, after the final dot was sent and before its reply.
            ProviderError: any other class; nothing was handed over.
        """
        content = wire_form(message)
        to = self._address(recipient)
        connection: smtplib.SMTP | None = None
        try:
            connection = self._open_envelope(len(content))
            self._command(connection, Stage.RCPT, f"RCPT TO:<{to}>")
            before_data()
            code, text = self._transfer(connection, content)
        except ProviderError as error:
            # Only after a reply do both sides know where they are; a late reply would answer the next mail's command.
            self._tidy(in_step=error.status in _REFUSALS and error.status != CLOSING)
            raise
        except Exception:
            self._tidy(in_step=True)
            raise
        except BaseException:
            self._connections.discard()  # a time limit or a shutdown may have struck anywhere
            raise
        self._connections.used()
        return {"code": code, "reply": text.decode("utf-8", "replace")}

    def health(self) -> Health:
        """Opens a connection, signs in and takes leave. Never raises a provider's failure: no answer is an answer too."""
        return check_health(self.config)

    def close_this_thread(self) -> None:
        """Takes leave of the relay. To be called by each thread that sent, at its end."""
        self._connections.close_this_thread()

    def _address(self, recipient: str) -> str:
        try:
            return ascii_form(recipient)
        except InvalidAddress as error:
            raise Permanent(str(error), provider=self.config.name, operation=Stage.RCPT.value) from error

    def _open_envelope(self, size: int) -> smtplib.SMTP:
        connection, is_new = self._connections.take()
        try:
            self._mail_from(connection, size)
        except ProviderError as error:
            # Servers drop idle connections, some of them right after they answered a NOOP.
            if is_new or error.status not in {None, CLOSING}:
                raise
            self._connections.discard()
            connection, _ = self._connections.take()
            self._mail_from(connection, size)
        return connection

    def _mail_from(self, connection: smtplib.SMTP, size: int) -> None:
        option = f" SIZE={size}" if connection.has_extn("size") else ""
        self._command(connection, Stage.MAIL, f"MAIL FROM:<{ascii_form(self.config.sender)}>{option}")

    def _command(self, connection: smtplib.SMTP, stage: Stage, command: str) -> None:
        with translated(self.config, stage):
            code, text = connection.docmd(command)
        if code not in _OK:
            raise refusal(self.config, stage, code, text)

    def _transfer(self, connection: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        with translated(self.config, Stage.DATA):
            code, text = connection.docmd("DATA")
            if code == _GO_AHEAD:
                connection.send(content)  # without the final dot the relay has no message yet
        if code != _GO_AHEAD:
            raise refusal(self.config, Stage.DATA, code, text)
        return self._finish(connection)

    def _finish(self, connection: smtplib.SMTP) -> tuple[int, bytes]:
        try:
            set_timeout(connection, self.config.final_reply_timeout)
            connection.send(b".\r\n")
            code, text = connection.getreply()
            set_timeout(connection, self.config.command_timeout)
        except (smtplib.SMTPException, OSError) as error:
            raise self._unknown(f"{type(error).__name__}: {error}") from error
        if code in _OK:
            return code, text
        if code in _REFUSALS:
            raise refusal(self.config, Stage.FINAL, code, text)
        raise self._unknown(f"an answer that is no answer: {code}")

    def _unknown(self, why: str) -> Ambiguous:
        message = f"the message was sent and its receipt is unknown: {why}"
        return Ambiguous(message, provider=self.config.name, operation=Stage.FINAL.value, unreachable=True)

    def _tidy(self, *, in_step: bool) -> None:
        if in_step:
            self._connections.reset()
        else:
            self._connections.discard()
