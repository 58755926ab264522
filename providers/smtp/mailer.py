"""Sends one message to one recipient, and knows at every moment whether that may have happened."""

import smtplib
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.message import EmailMessage
from types import MappingProxyType
from typing import Any

from leeward.extension import Calls, Health, SessionPermits
from leeward.extension.errors import Ambiguous, Misconfigured, Permanent, ProviderError, Transient
from leeward.redaction import hide_credentials
from providers.smtp.answers.replies import CLOSING, Stage
from providers.smtp.attachments.attached_file import AttachedFile
from providers.smtp.config import SmtpConfig
from providers.smtp.connections.failures import refusal, translated
from providers.smtp.connections.pool import Held, SessionPool
from providers.smtp.connections.session import Session
from providers.smtp.connections.session_permits import Unlimited
from providers.smtp.health import HealthLook
from providers.smtp.mail.address import InvalidAddress, ascii_form
from providers.smtp.mail.wire import Wire, wire

_OK = range(200, 300)
_GO_AHEAD = 354
_REFUSALS = range(400, 600)
_TEMPORARY = range(400, 500)
NOTHING: Mapping[bytes, AttachedFile] = MappingProxyType({})


class Mailer:
    """One relay. Safe to use from any number of threads, which share its sessions (`providers.smtp.connections.pool`)."""

    def __init__(self, config: SmtpConfig, permits: SessionPermits | None = None, *, call: Calls | None = None) -> None:
        if config.password is not None:
            hide_credentials([config.password.get_secret_value()])
        self.config = config
        permits = permits or Unlimited()
        self._call = call or Calls(config.name, type="smtp")
        self._pool = SessionPool(config, permits, call=self._call)
        self._health = HealthLook(config, permits)

    def send(
        self,
        message: EmailMessage,
        recipient: str,
        before_data: Callable[[], None],
        attached: Mapping[bytes, AttachedFile] = NOTHING,
    ) -> dict[str, Any]:
        """Hands a message over to the relay, for one recipient. It cannot be taken back.

        Args:
            message: complete with its headers.
            recipient: of the envelope.
            before_data: called once, after the recipient was accepted and right before DATA. What it raises ends the
                envelope without a message and is raised again.
            attached: the files that lines of the message stand for, see `wire`.

        Returns:
            `code` and `reply` of the relay; the reply often holds its queue id.

        Raises:
            Ambiguous: the connection was lost, or no answer came, after the final dot was sent and before its reply.
            ProviderError: any other class; nothing was handed over.
        """
        content = wire(message, attached)
        to = self._address(recipient)
        with self._call("send_mail"):
            return self._sent(content, to, before_data)

    def health(self) -> Health:
        """See `HealthLook.check`."""
        return self._health.check()

    def close_this_thread(self) -> None:
        """Takes leave of the relay where this thread was the last to send. To be called by each thread that sent, at its end."""
        self._pool.close_of(threading.get_ident())

    def _sent(self, content: Wire, to: str, before_data: Callable[[], None]) -> dict[str, Any]:
        held = self._open_envelope(content.size)
        try:
            self._command(held.session, Stage.RCPT, f"RCPT TO:<{to}>")
            before_data()
            code, text = self._transfer(held.session, content)
        except Permanent as error:
            self._put_back_after(held, error)
            raise
        except ProviderError as error:
            self._part(held, error)
            raise
        except Exception:
            self._put_back(held)  # before DATA: `before_data` raised
            raise
        except BaseException:
            self._pool.discard(held)  # a time limit or a shutdown may have struck anywhere
            raise
        self._pool.give_back(held)
        return {"code": code, "reply": text.decode("utf-8", "replace")}

    def _address(self, recipient: str) -> str:
        try:
            return ascii_form(recipient)
        except InvalidAddress as error:
            raise Permanent(str(error), provider=self.config.name, operation=Stage.RCPT.value) from error

    def _open_envelope(self, size: int) -> Held:
        held = self._pool.take()
        was_kept = not held.is_new
        try:
            return self._begun(held, size)
        except ProviderError as error:
            # Servers drop idle sessions, some right after they answered a NOOP, and take so many mails in one, which some say with
            # a permanent code. A new one cures that.
            if not (was_kept and (error.status in {None, *_TEMPORARY} or isinstance(error, Misconfigured | Transient))):
                raise
        return self._begun(self._pool.take(new=True), size)

    def _begun(self, held: Held, size: int) -> Held:
        try:
            self._mail_from(held.session, size)
        except ProviderError as error:
            self._part(held, error)
            raise
        except BaseException:
            self._pool.discard(held)
            raise
        return held

    def _mail_from(self, session: Session, size: int) -> None:
        option = f" SIZE={size}" if session.has_extn("size") else ""
        self._command(session, Stage.MAIL, f"MAIL FROM:<{ascii_form(self.config.sender)}>{option}")

    def _command(self, session: Session, stage: Stage, command: str) -> None:
        with translated(self.config, stage):
            code, text = session.docmd(command)
        if code not in _OK:
            raise refusal(self.config, stage, code, text)

    def _transfer(self, session: Session, content: Wire) -> tuple[int, bytes]:
        with translated(self.config, Stage.DATA):
            code, text = session.docmd("DATA")
            if code == _GO_AHEAD:
                session.transfer(content.blocks(), content.size)  # without the final dot the relay has no message yet
        if code != _GO_AHEAD:
            raise refusal(self.config, Stage.DATA, code, text)
        return self._finish(session)

    def _finish(self, session: Session) -> tuple[int, bytes]:
        try:
            session.set_timeout(self.config.final_reply_timeout)
            session.send(b".\r\n")
            code, text = session.getreply()
            session.set_timeout(self.config.command_timeout)
        except Exception as error:
            raise self._unknown(f"{type(error).__name__}: {error}") from error
        if code in _OK:
            return code, text
        if code in _REFUSALS:
            raise refusal(self.config, Stage.FINAL, code, text)
        raise self._unknown(f"an answer that is not valid: {code}")

    def _unknown(self, why: str) -> Ambiguous:
        message = f"the message was sent and its receipt is unknown: {why}"
        return Ambiguous(message, provider=self.config.name, operation=Stage.FINAL.value, unreachable=True)

    def _put_back(self, held: Held) -> None:
        """Ends an envelope that was begun, and keeps the session if that works."""
        with suppress(smtplib.SMTPException, OSError):
            if held.session.docmd("RSET")[0] in _OK:
                self._pool.give_back(held)
                return
        self._pool.discard(held)

    def _put_back_after(self, held: Held, error: Permanent) -> None:
        # Only after a reply do both sides know where they are.
        if error.status in _REFUSALS:
            self._put_back(held)
        else:
            self._pool.discard(held)

    def _part(self, held: Held, error: ProviderError) -> None:
        """Closes the session: a temporary refusal may hold for as long as it is open (postscreen), and after no reply, or a late one, the
        next mail would be answered for this one.
        """
        if error.status in _REFUSALS and error.status != CLOSING:
            self._pool.leave(held)
        else:
            self._pool.discard(held)
