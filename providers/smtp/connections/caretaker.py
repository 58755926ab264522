"""The thread that looks after a process's sessions while there are any."""

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

EVERY = timedelta(milliseconds=100)
"""How soon another process gets a session that is idle here."""

_log = structlog.get_logger(__name__)


class Caretaker:
    """Calls `tend` every so often from `wake` on, until `is_needed` says no. Its thread ends then, and the next `wake` starts a new one."""

    def __init__(self, tend: Callable[[], None], is_needed: Callable[[], bool], *, every: timedelta = EVERY) -> None:
        self._tend = tend
        self._is_needed = is_needed
        self._every = every
        self._lock = threading.Lock()
        self._running = False

    def wake(self) -> None:
        """Begins, if it is not at it. Called after something was added that needs care."""
        with self._lock:
            if self._running:
                return
            self._running = True
        try:
            # A process ends when a thread of such a name dies.
            threading.Thread(target=self._run, name="leeward-smtp-sessions", daemon=True).start()
        except RuntimeError as error:  # the next one to wake it may have more luck
            _log.warning("smtp_sessions_not_tended", error=str(error))
            with self._lock:
                self._running = False

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(self._every.total_seconds())
            try:
                self._tend()
            except Exception:
                # A counter that cannot be asked must not leave sessions open for ever.
                _log.exception("smtp_sessions_not_tended")
            with self._lock:
                if not self._is_needed():
                    self._running = False
                    return
