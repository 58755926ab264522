"""The sessions of one process with one relay, shared by its threads."""

import smtplib
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from leeward.extension import Calls, SessionPermits
from leeward.extension.errors import Busy
from providers.smtp.answers.replies import Stage
from providers.smtp.config import SmtpConfig
from providers.smtp.connections.caretaker import Caretaker
from providers.smtp.connections.session import Session
from providers.smtp.connections.sign_in import sign_in

_OK = 250
_LOOK_AGAIN_SECONDS = 0.05
_SAY_EVERY_SECONDS = 2.0


@dataclass(slots=True, eq=False)
class Held:
    """A session that one thread has for now."""

    session: Session
    is_new: bool
    id: str
    last_used: float = 0.0
    messages: int = 0
    thread: int = field(default_factory=threading.get_ident)


class SessionPool:
    """Hands each session to one thread at a time, as SMTP is sequential, and keeps it for `keep_idle` for the next one.

    Safe to use from any number of threads. A thread of its own looks after the sessions while there are any.
    """

    def __init__(
        self,
        config: SmtpConfig,
        permits: SessionPermits,
        *,
        call: Calls | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._call = call or Calls(config.name, type="smtp")
        self._permits = permits
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: list[Held] = []
        self._open: set[str] = set()
        self._said = 0.0
        self._caretaker = Caretaker(self.tend, lambda: bool(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def take(self, *, new: bool = False) -> Held:
        """A session for this thread: the idle one that was used last, or a new one; with `new`, a new one.

        Raises:
            Busy: every session that the relay allows is in use by others, and was all the time that we waited.
            ProviderError: none can be opened.
        """
        end = self._clock() + self._config.wait_for_session.total_seconds()
        id_ = uuid.uuid4().hex
        while (kept := None if new else self._kept()) is None:
            if self._permits.acquire(id_):
                return self._opened(id_)
            if self._clock() >= end:
                raise Busy(
                    "every session with the mail server is in use",
                    provider=self._config.name,
                    operation=Stage.CONNECT.value,
                )
            time.sleep(_LOOK_AGAIN_SECONDS)
        return kept

    def give_back(self, held: Held) -> None:
        """Keeps a session for the next mail. It must be between two mails."""
        held.messages += 1
        held.is_new = False
        held.last_used, held.thread = self._clock(), threading.get_ident()
        if held.session.sock is None or held.messages >= self._config.messages_per_connection:
            self.leave(held)
            return
        with self._lock:
            self._idle.append(held)

    def leave(self, held: Held) -> None:
        """Takes leave of the relay and closes the session."""
        held.session.take_leave()
        self.discard(held)

    def discard(self, held: Held) -> None:
        """Closes a session without a word."""
        held.session.close()
        self._closed(held.id)

    def tend(self) -> None:
        """Closes what was idle for long enough, or what another process waits for; says that the others are in use."""
        wanted = False
        try:
            if self._idle or self._clock() - self._said >= _SAY_EVERY_SECONDS:
                self._said = self._clock()
                wanted = self._permits.keep(tuple(self._open))
        finally:
            for held in self._overdue(everything=wanted):
                self.leave(held)

    def close_of(self, thread: int) -> None:
        """Closes the idle sessions that a thread used last."""
        with self._lock:
            own = [held for held in self._idle if held.thread == thread]
            self._idle = [held for held in self._idle if held.thread != thread]
        for held in own:
            self.leave(held)

    def _kept(self) -> Held | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                held = self._idle.pop()
            if self._is_alive(held):
                return held
            self.discard(held)

    def _opened(self, id_: str) -> Held:
        self._open.add(id_)
        self._caretaker.wake()
        try:
            with self._call("open_session"):
                session = sign_in(self._config)
        except BaseException:
            self._closed(id_)
            raise
        return Held(session, True, id_, self._clock())

    def _closed(self, id_: str) -> None:
        self._open.discard(id_)
        self._permits.release(id_)

    def _overdue(self, *, everything: bool) -> list[Held]:
        latest = self._clock() - self._config.keep_idle.total_seconds()
        with self._lock:
            overdue = [held for held in self._idle if everything or held.last_used <= latest]
            self._idle = [held for held in self._idle if held not in overdue]
        return overdue

    def _is_alive(self, held: Held) -> bool:
        # Not before every message: servers count NOOPs, some as errors.
        if self._clock() - held.last_used < self._config.idle_before_noop.total_seconds():
            return held.session.sock is not None
        try:
            held.session.set_timeout(self._config.connect_timeout)
            alive: bool = held.session.noop()[0] == _OK
            held.session.set_timeout(self._config.command_timeout)
        except (smtplib.SMTPException, OSError):
            return False
        return alive
