"""What the simulated mail server does with recipients and messages; aiosmtpd calls its hooks."""

import asyncio
import hashlib
import threading
import time
from collections.abc import Callable
from email.parser import BytesHeaderParser
from email.policy import default

from aiosmtpd.smtp import Envelope, Session

from simulators.faults import FaultPlan, Stage
from simulators.mail.session import MailSession
from simulators.record import Record


class Acceptance:
    """Greylists, then accepts and records. Thread-safe."""

    def __init__(self, faults: FaultPlan, record: Record, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.greylist_seconds = 0.0
        self.keep_content = False
        self.full_mailboxes: frozenset[str] = frozenset()
        self._faults = faults
        self._record = record
        self._clock = clock
        self._lock = threading.Lock()
        self._first_seen: dict[tuple[str, str], float] = {}
        self._mails: list[bytes] = []

    def mails(self) -> list[bytes]:
        """The contents of the mails accepted so far, while `keep_content` is on."""
        with self._lock:
            return list(self._mails)

    async def handle_RCPT(
        self, _server: MailSession, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._is_greylisted(envelope.mail_from or "", address):
            self._record.add("greylisted", recipient=address)
            return "451 4.7.1 Greylisted, please try again later"
        if address in self.full_mailboxes:
            self._record.add("mailbox_full", recipient=address)
            return "452 4.2.2 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: MailSession, _session: Session, envelope: Envelope) -> str:
        fault = self._faults.next(f"ACCEPT {','.join(envelope.rcpt_tos)}")
        await asyncio.sleep(fault.latency_seconds)
        reply = None
        if (rule := fault.at(Stage.BEFORE)) is not None:
            reply = await server.strike(rule)
        if reply is None:
            number = self._accept(envelope)
            reply = f"250 2.0.0 queued as {number}"
        if fault.rule is not None and fault.rule.stage is not Stage.BEFORE:
            reply = await server.strike(fault.rule) or reply
        return reply

    def _is_greylisted(self, sender: str, recipient: str) -> bool:
        now = self._clock()
        with self._lock:
            first = self._first_seen.setdefault((sender, recipient), now)
        return now - first < self.greylist_seconds

    def _accept(self, envelope: Envelope) -> int:
        content = envelope.original_content or b""
        headers = BytesHeaderParser(policy=default).parsebytes(content)
        self._record.add(
            "mail_accepted",
            message_id=str(headers["Message-ID"] or ""),
            subject=str(headers["Subject"] or ""),
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            size=len(content),
            body_sha256=hashlib.sha256(content.partition(b"\r\n\r\n")[2]).hexdigest(),
        )
        with self._lock:
            if self.keep_content:
                self._mails.append(content)
        return self._record.counts()["mail_accepted"]
