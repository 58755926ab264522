"""Processes of this machine that have ended without releasing their jobs: found by their records, and reported to the server at once."""

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import redis
import structlog

from broker.crashes.run_record import Remains, is_ours, read_remains

LOOK_SECONDS = 2.0
REPORTED = "reported-"
"""Prefix of the name of a record while a process reports it."""
WAIT_SECONDS = 3.0
KEPT_SECONDS = 3 * 86_400

_log = structlog.get_logger(__name__)


def server_name(client: redis.Redis) -> str:
    """A name for the server that a client talks to, the same for all who address it alike."""
    where: dict[str, Any] = client.connection_pool.connection_kwargs
    server = repr([where.get("host"), where.get("port"), where.get("path"), where.get("db") or 0])
    return hashlib.sha256(server.encode()).hexdigest()[:12]


class EndedProcesses:
    """Looks at the records of other processes. Thread-safe: one thread looks at a time.

    Without it the leases of a process that has ended run out after a while, and which jobs its threads had begun with is not known.

    Args:
        folder: where the records are.
        server: as in the records' names.
        report: informs the server; after a `redis.RedisError` the record stays for another attempt.
        clock: seconds of a monotonic clock.
    """

    def __init__(
        self,
        folder: Path,
        server: str,
        report: Callable[[Remains], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._server = server
        self._report = report
        self._clock = clock
        self._look_at = 0.0

    def look(self) -> None:
        """Reports those that have ended since the last check, if that was some time ago."""
        if self._clock() >= self._look_at:
            self._look_at = self._clock() + LOOK_SECONDS
            self.look_now()

    def look_now(self) -> None:
        try:
            for path in self._records():
                self._report_if_ended(path)
        except OSError as error:
            _log.info("run_records_unreadable", folder=str(self._folder), error=str(error))

    def sweep(self, now: float) -> None:
        """Removes records that no process has checked for days: those of processes whose server has no workers on this machine any more.

        Args:
            now: seconds since 1970.
        """
        with suppress(OSError):
            if self._folder.is_dir() and is_ours(self._folder):
                for path in self._folder.iterdir():
                    self._take_away_if_old(path, now)

    def _take_away_if_old(self, path: Path, now: float) -> None:
        with suppress(OSError):
            if now - path.lstat().st_mtime > KEPT_SECONDS:
                with _locked(path) as descriptor:
                    if descriptor is not None:
                        path.unlink(missing_ok=True)

    def wait_for_reports_of(self, process: str) -> None:
        """Returns when no process is reporting an earlier process of this name: from then on the name means this one."""
        until = self._clock() + WAIT_SECONDS
        while self._clock() < until and any(self._is_of(path, process) for path in self._being_reported()):
            time.sleep(0.01)

    def _records(self) -> list[Path]:
        if not self._folder.is_dir() or not is_ours(self._folder):
            return []
        ours = (self._server, REPORTED + self._server)
        return [self._folder / name for name in sorted(os.listdir(self._folder)) if name.startswith(ours)]  # noqa: PTH208 # names are enough

    def _being_reported(self) -> list[Path]:
        with suppress(OSError):
            return [path for path in self._records() if path.name.startswith(REPORTED)]
        return []

    def _is_of(self, path: Path, process: str) -> bool:
        with suppress(OSError):
            remains = read_remains(path.read_bytes())
            return remains is not None and remains.process == process
        return False

    def _report_if_ended(self, path: Path) -> None:
        with _locked(path) as descriptor:
            if descriptor is None:
                return
            if not path.name.startswith(REPORTED):
                path = path.rename(path.with_name(REPORTED + path.name))
            remains = read_remains(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
            if remains is not None:
                try:
                    self._report(remains)
                except redis.RedisError as error:
                    _log.info("ended_process_not_reported", process=remains.process, error=str(error))
                    return
            path.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path) -> Iterator[int | None]:
    """The file, opened and locked; None while its process lives, or when it is gone."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield None
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        # Another one may have reported it, and taken it away, between the two steps.
        yield descriptor if os.fstat(descriptor).st_nlink else None
    finally:
        os.close(descriptor)
