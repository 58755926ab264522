"""A mail server that speaks SMTP, keeps count of what it accepts, and misbehaves at any point of a session.

The names of its operations are in `simulators.mail.session`.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from simulators.faults import FaultPlan
from simulators.mail.acceptance import Acceptance
from simulators.mail.session import MailSession
from simulators.record import Record

_START_SECONDS = 10.0


class Tls(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class Settings(BaseModel):
    """`users` (name to password) makes AUTH a must. TLS needs PEM files, or a context from a test; it cannot change later."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    users: dict[str, str] = {}
    tls: Tls = Tls.NONE
    certificate_file: Path | None = None
    key_file: Path | None = None
    greylist_seconds: float = 0.0
    """How long a pair of sender and recipient is deferred, from the first time it is seen."""
    full_mailboxes: frozenset[str] = frozenset()
    """Recipients that get a temporary refusal."""
    sessions_at_most: int = 0
    """More at once are refused with 421; 0 for any number."""
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    """What is offered to sign in. CRAM-MD5 is offered as by a server that keeps no passwords in clear: it refuses every answer."""
    hang_up_after_refused_login: bool = False
    idle_seconds: float = 300.0
    """After this silence the connection is closed without a word."""
    keep_content: bool = False
    """Whether whole mails are kept in memory, for `mails()`."""


class MailSimulator:
    """One simulated server. `with MailSimulator() as mail:` runs it on a free port, in a thread of its own."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | None = None,
        record: Record | None = None,
        settings: Settings | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self.faults = faults or FaultPlan()
        self.record = record or Record()
        self.settings = settings or Settings()
        self._tls_context = tls_context or _context(self.settings)
        self._acceptance = Acceptance(self.faults, self.record)
        self._listener = socket.create_server((host, port), backlog=256)
        self._sessions: set[MailSession] = set()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.configure({})

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        scheme = "smtps" if self.settings.tls is Tls.IMPLICIT else "smtp"
        return f"{scheme}://{self._listener.getsockname()[0]}:{self.port}"

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            raise RuntimeError(f"the mail simulator did not start within {_START_SECONDS:g} s")

    def stop(self) -> None:
        """Ends the listener and every session."""
        self.faults.reset()
        if self._loop is not None and self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self._listener.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def mails(self) -> list[bytes]:
        """The contents of the mails accepted so far, while the setting `keep_content` is on."""
        return self._acceptance.mails()

    def state(self) -> Mapping[str, Any]:
        return {"accepted": self.record.counts().get("mail_accepted", 0), "sessions": len(self._sessions)}

    def configure(self, settings: Mapping[str, Any]) -> None:
        self.settings = Settings.model_validate(self.settings.model_dump() | dict(settings))
        self._acceptance.greylist_seconds = self.settings.greylist_seconds
        self._acceptance.keep_content = self.settings.keep_content
        self._acceptance.full_mailboxes = self.settings.full_mailboxes

    def drop_connections(self) -> None:
        """Ends every open session with an RST, as a crash would."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda *_: None)  # clients that break off are what simulators are for
        self._stopping = asyncio.Event()
        implicit = self._tls_context if self.settings.tls is Tls.IMPLICIT else None
        server = await self._loop.create_server(self._open_session, sock=self._listener.dup(), ssl=implicit)
        self._ready.set()
        await self._stopping.wait()
        server.close()
        await self._drop()

    async def _drop(self) -> None:
        for session in list(self._sessions):
            session.reset_connection()
        await asyncio.sleep(0)

    def _is_one_too_many(self) -> bool:
        if not 0 < self.settings.sessions_at_most < len(self._sessions):
            return False
        self.record.add("session_refused")
        return True

    def _open_session(self) -> MailSession:
        assert self._loop is not None
        self.record.add("session_opened")
        session = MailSession(
            self._acceptance,
            self.faults,
            users=self.settings.users,
            tls_context=self._tls_context if self.settings.tls is Tls.STARTTLS else None,
            idle_seconds=self.settings.idle_seconds,
            mechanisms=self.settings.mechanisms,
            hang_up_after_refusal=self.settings.hang_up_after_refused_login,
            is_one_too_many=self._is_one_too_many,
            on_end=self._sessions.discard,
            loop=self._loop,
        )
        self._sessions.add(session)
        return session


def _context(settings: Settings) -> ssl.SSLContext | None:
    if settings.certificate_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings.certificate_file, settings.key_file)
    return context


def create(host: str, port: int, faults: FaultPlan, record: Record, settings: Mapping[str, Any]) -> MailSimulator:
    """For `python -m simulators mail`."""
    return MailSimulator(
        host=host, port=port, faults=faults, record=record, settings=Settings.model_validate(dict(settings))
    )
