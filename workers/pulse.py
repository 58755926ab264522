"""A worker process's sign of life, written once a second for the host that watches it."""

import os
import threading
import time
from pathlib import Path

import orjson

from broker.session import Session

EVERY_SECONDS = 1.0


class Pulse(threading.Thread):
    """Writes what the process is doing, in ages rather than instants, so that readers need no common clock but the file's own time."""

    def __init__(self, session: Session, folder: Path) -> None:
        super().__init__(name="leeward-pulse", daemon=True)
        self._session = session
        self._file = folder / f"pulse-{os.getpid()}.json"
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()
        self.join()
        self._file.unlink(missing_ok=True)

    def run(self) -> None:
        while True:
            self._write()
            if self._stopping.wait(EVERY_SECONDS):
                return

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
        }
        unfinished = self._file.with_suffix(".new")
        unfinished.write_bytes(orjson.dumps(pulse))
        unfinished.replace(self._file)
