"""Looks after a running download: what it may use up, and how long it may be silent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from leeward.extension import report_progress, stop_if_cancelled
from leeward.extension.errors import Misconfigured, Permanent, ProviderError, TargetUnavailable, Transient
from providers.ytdlp.failures import UNTIL_IT_IS_THERE
from providers.ytdlp.output import Item, Progress, Report

LOOK_EVERY = timedelta(seconds=1)


class Space(Protocol):
    """Where the download is written."""

    def size_bytes(self) -> int: ...
    def free_bytes(self) -> int: ...


class Watch:
    """The rules of one delivery. Each raises when it is enough; the process is then ended.

    Args:
        where: the job's address as people may see it.
        space: where it is written.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        where: str,
        space: Space,
        *,
        size_limit_bytes: int,
        reserve_bytes: int,
        stall_timeout: timedelta,
        timeout: timedelta,
        clock: Callable[[], float],
    ) -> None:
        self._where = where
        self._space = space
        self._size_limit_bytes = size_limit_bytes
        self._reserve_bytes = reserve_bytes
        self._stall_seconds = stall_timeout.total_seconds()
        self._clock = clock
        now = clock()
        self._end = now + timeout.total_seconds()
        self._look_at = now
        self._moved_at = now
        self._size = -1

    def heard(self, report: Report) -> None:
        """What yt-dlp has reported.

        Raises:
            Permanent: the page has several films, or the file is larger than the job allows.
            TargetUnavailable: it is a broadcast that has not begun, or has not ended.
            CancelRequested: the job was cancelled.
        """
        self._moved_at = self._clock()
        if isinstance(report, Item):
            self._check_item(report)
        elif isinstance(report, Progress):
            self._check_size(max(report.done_bytes, report.total_bytes or 0))
            report_progress(report.done_bytes, report.total_bytes or report.estimated_bytes)

    def look(self) -> None:
        """Looks at the disk and the clock, about once a second, and at the job's cancellation each time.

        Raises:
            Permanent: more has been written than the job allows.
            Misconfigured: the disk is too full.
            Transient: nothing has moved for too long, or the attempt takes too long.
            CancelRequested: the job was cancelled.
        """
        stop_if_cancelled()
        now = self._clock()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY.total_seconds()
        self._check_disk(now)
        self._check_time(now)

    def _check_item(self, item: Item) -> None:
        if item.entries > 1:
            raise self._error(Permanent, f"is a list of {item.entries}: enqueue a job for each of them")
        if item.live_status in {"is_live", "is_upcoming"}:
            what = "has not begun" if item.live_status == "is_upcoming" else "has not ended"
            raise self._error(TargetUnavailable, f"is a broadcast that {what}", patience=UNTIL_IT_IS_THERE)

    def _check_size(self, size: int) -> None:
        if size > self._size_limit_bytes:
            raise self._error(Permanent, f"has more than {self._size_limit_bytes} bytes, the job's size_limit_bytes")

    def _check_disk(self, now: float) -> None:
        size, free = self._space.size_bytes(), self._space.free_bytes()
        if size != self._size:
            self._size, self._moved_at = size, now
        # Streams are there twice while they are joined.
        self._check_size(size // 2)
        if free < self._reserve_bytes:
            raise self._error(
                Misconfigured,
                f"the disk is too full: {free} bytes are free, and {self._reserve_bytes} are to stay free",
            )

    def _check_time(self, now: float) -> None:
        if now >= self._end:
            raise self._error(Transient, "the attempt took too long; the next one continues", condition="TIMEOUT")
        if now - self._moved_at >= self._stall_seconds:
            raise self._error(Transient, f"nothing has moved for {self._stall_seconds:g} s", condition="TIMEOUT")

    def _error(self, kind: type[ProviderError], text: str, **facts: object) -> ProviderError:
        return kind(f"{self._where}: {text}", **facts)  # type: ignore[arg-type] # each knows its own
