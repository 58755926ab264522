"""The session of this process: opened once, closed once, and shared by the broker and its hooks."""

import redis
import structlog

from broker.events import Events
from broker.options import SessionOptions
from broker.session.session import Session

_log = structlog.get_logger(__name__)


class Sessions:
    """Holds the session while there is one."""

    def __init__(self, client: redis.Redis, options: SessionOptions, events: Events) -> None:
        self._client = client
        self._options = options
        self._events = events
        self._open: Session | None = None

    @property
    def current(self) -> Session:
        """The open session; opened for a single thread where none is."""
        return self._open or self.open(threads=1)

    @property
    def opened(self) -> Session | None:
        """The session if there is one. Opens none."""
        return self._open

    def open(self, threads: int) -> Session:
        """Opens the session for a worker of so many threads. The session that is open already stays."""
        if self._open is None:
            self._open = Session(self._client, self._options, threads, self._events)
        return self._open

    def close(self, timeout_seconds: float) -> None:
        """Settles what has ended, as far as time allows. What is not settled is delivered again when its lease runs out."""
        session, self._open = self._open, None
        if session and not session.stop(timeout_seconds):
            _log.warning("outcomes_not_recorded", waited_seconds=timeout_seconds, reason="Valkey could not be reached")
