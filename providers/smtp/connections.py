"""One connection to the relay for each thread that sends."""

import smtplib
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from providers.smtp.config import SmtpConfig
from providers.smtp.sign_in import sign_in

_OK = 250


@dataclass(slots=True)
class _Kept:
    connection: smtplib.SMTP
    last_used: float
    messages: int = 0


class Connections:
    """Keeps each thread's connection, for that thread only: SMTP is sequential. Used by any number of threads."""

    def __init__(self, config: SmtpConfig, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._clock = clock
        self._thread = threading.local()

    def take(self) -> tuple[smtplib.SMTP, bool]:
        """This thread's connection, and whether it was opened just now.

        One that was idle is asked for a sign of life first; still, it may be gone a moment later.

        Raises:
            ProviderError: none can be opened.
        """
        kept = self._kept()
        if kept is not None and kept.messages >= self._config.messages_per_connection:
            self.close_this_thread()
        elif kept is not None and self._is_alive(kept):
            return kept.connection, False
        self.discard()
        connection = sign_in(self._config)
        self._thread.kept = _Kept(connection, self._clock())
        return connection, True

    def used(self) -> None:
        """Notes that a message went through this thread's connection."""
        kept = self._kept()
        if kept is not None:
            kept.messages += 1
            kept.last_used = self._clock()

    def reset(self) -> None:
        """Ends an envelope that was begun, and keeps the connection if that works."""
        kept = self._kept()
        if kept is None:
            return
        with suppress(smtplib.SMTPException, OSError):
            if kept.connection.docmd("RSET")[0] == _OK:
                kept.last_used = self._clock()
                return
        self.discard()

    def discard(self) -> None:
        """Closes this thread's connection without a word."""
        kept = self._kept()
        self._thread.kept = None
        if kept is not None:
            kept.connection.close()

    def close_this_thread(self) -> None:
        """Takes leave of the relay. For the end of a thread; the next `take` would open a new connection."""
        kept = self._kept()
        if kept is not None:
            with suppress(smtplib.SMTPException, OSError):
                set_timeout(kept.connection, self._config.connect_timeout)
                kept.connection.quit()
        self.discard()

    def _is_alive(self, kept: _Kept) -> bool:
        # Not before every message: servers count NOOPs, some as errors.
        if self._clock() - kept.last_used < self._config.idle_before_noop.total_seconds():
            return kept.connection.sock is not None
        try:
            set_timeout(kept.connection, self._config.connect_timeout)
            alive: bool = kept.connection.noop()[0] == _OK
            set_timeout(kept.connection, self._config.command_timeout)
        except (smtplib.SMTPException, OSError):
            return False
        return alive

    def _kept(self) -> _Kept | None:
        kept: _Kept | None = getattr(self._thread, "kept", None)
        return kept


def set_timeout(connection: smtplib.SMTP, timeout: timedelta) -> None:
    """For every answer from now on. smtplib itself knows one timeout for everything."""
    if connection.sock is not None:
        connection.sock.settimeout(timeout.total_seconds())
