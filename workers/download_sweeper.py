"""Sweeps the download folder at start and now and then."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from broker.vital_thread import VitalThread
from providers.downloads.sweep import sweep

EVERY = timedelta(hours=6)

_log = structlog.get_logger(__name__)


class DownloadSweeper(VitalThread):
    """A thread of its own.

    Failure stance: what cannot be removed now is tried again the next time. Nobody waits for it.

    Args:
        root: the download folder.
        keep: how long unfinished downloads stay that nobody goes on with.
        every: how long from one sweep to the next.
        now: the time.
    """

    def __init__(
        self,
        root: Path,
        keep: timedelta,
        *,
        every: timedelta = EVERY,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("leeward-sweeper")
        self._root = root
        self._keep = keep
        self._every = every
        self._now = now

    def stop(self) -> None:
        """Does not wait for a sweep that is under way: it can be ended anywhere."""
        self.ask_to_stop()

    def serve(self) -> None:
        while not self.is_stopping:
            self._sweep()
            self.rest(self._every.total_seconds())

    def _sweep(self) -> None:
        try:
            swept = sweep(self._root, older_than=self._keep, now=self._now())
        except Exception as error:  # the next sweep is the retry
            _log.warning("sweep_postponed", folder=str(self._root), error=f"{type(error).__name__}: {error}")
            return
        if swept.files or swept.folders:
            _log.info("downloads_swept", files=swept.files, folders=swept.folders)
