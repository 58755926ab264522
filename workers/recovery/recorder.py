"""Writes attempts to Valkey without making what failed wait for it."""

import threading
from collections import deque
from datetime import timedelta

import redis
import structlog

from broker.fleet.recovery.record import Attempt, note
from leeward.wire.valkey.refusal import sentence

MOST = 200
"""Attempts that are kept while Valkey cannot be reached; older ones are forgotten."""
CLOSE_LIMIT = timedelta(seconds=2)

_log = structlog.get_logger(__name__)


class Recorder:
    """Thread-safe.

    Failure stance: open. While Valkey cannot be reached the attempts stay here, and are written with the next one.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._waiting: deque[Attempt] = deque(maxlen=MOST)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def note(self, attempt: Attempt) -> None:
        """Returns at once."""
        self._waiting.append(attempt)
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self.flush, name="recovery record", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Writes what waits. Raises nothing."""
        while self._waiting:
            attempt = self._waiting.popleft()
            try:
                note(self._client, attempt)
            except redis.RedisError as error:
                self._waiting.appendleft(attempt)
                _log.warning("recovery_not_recorded", action=attempt.action, error=sentence(error))
                return

    def close(self) -> None:
        """Waits a moment for what is being written, and writes the rest."""
        thread = self._thread
        if thread is not None:
            thread.join(CLOSE_LIMIT.total_seconds())
        if thread is None or not thread.is_alive():
            self.flush()
