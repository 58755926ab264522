"""A worker process's heartbeat, written once a second for the host that watches it."""

import os
import time
from pathlib import Path

import orjson
import structlog

from broker.session.session import Session
from broker.threads.vital_thread import VitalThread

EVERY_SECONDS = 1.0
STOP_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Heartbeat(VitalThread):
    """Writes what the process is doing, in ages rather than instants, so that readers need no common clock but the file's own time.

    Failure stance: while the folder takes no files, usually because the disk is full, the process is not ready but still runs its jobs;
    each beat tries again.
    """

    def __init__(self, session: Session, folder: Path) -> None:
        super().__init__("leeward-pulse")
        self._session = session
        self._file = folder / f"pulse-{os.getpid()}.json"
        self._is_refused = False

    def stop(self) -> None:
        self.ask_to_stop()
        self.join(STOP_SECONDS)
        self._file.unlink(missing_ok=True)

    def serve(self) -> None:
        while True:
            self._beat()
            if self.rest(EVERY_SECONDS):
                return

    def _beat(self) -> None:
        try:
            self._write()
        except OSError as error:
            if not self._is_refused:
                _log.warning(
                    "pulse_not_written",
                    error=str(error),
                    advice="free disk space in TMPDIR; until then this process counts as not ready",
                )
            self._is_refused = True
        else:
            if self._is_refused:
                _log.info("pulse_written_again")
            self._is_refused = False

    def _write(self) -> None:
        now = time.monotonic()
        started = self._session.held.busy()
        pulse = {
            "pid": os.getpid(),
            "threads": self._session.held.threads,
            "busy": len(started),
            "heard_seconds_ago": now - self._session.heard_at,
            "finished_seconds_ago": now - self._session.finished_at,
            "oldest_job_seconds": now - min(started, default=now),
            "moved_seconds_ago": {thread.name: now - thread.moved_at for thread in self._session.vital_threads},
        }
        unfinished = self._file.with_suffix(".new")
        unfinished.write_bytes(orjson.dumps(pulse))
        unfinished.replace(self._file)
