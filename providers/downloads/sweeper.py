"""Sweeps a download folder at start and every few hours."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from providers.downloads.disk.sweep import Swept, sweep

EVERY = timedelta(hours=6)

_log = structlog.get_logger(__name__)


class Sweeper:
    """A thread of its own. Each process sweeps the folder that it sees: it may be one of its machine, or shared with others.

    Failure stance: what cannot be removed now is tried again the next time. No job waits for it; it ends with the process.

    Args:
        root: the download folder.
        keep: how long unfinished downloads are kept that no job continues.
        sweep: what removes them.
        every: how long from one sweep to the next.
        now: the time.
    """

    def __init__(
        self,
        root: Path,
        keep: timedelta,
        *,
        sweep: Callable[..., Swept] = sweep,
        every: timedelta = EVERY,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._root = root
        self._keep = keep
        self._sweep_folder = sweep
        self._every = every
        self._now = now
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="leeward-sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Does not wait for a sweep that is under way: it can be ended anywhere."""
        self._stopping.set()

    def _serve(self) -> None:
        self._sweep()
        while not self._stopping.wait(self._every.total_seconds()):
            self._sweep()

    def _sweep(self) -> None:
        try:
            swept = self._sweep_folder(self._root, older_than=self._keep, now=self._now())
        except Exception as error:  # the next sweep is the retry
            _log.warning("sweep_postponed", folder=str(self._root), error=f"{type(error).__name__}: {error}")
            return
        if swept.files or swept.folders:
            _log.info("downloads_swept", files=swept.files, folders=swept.folders)
