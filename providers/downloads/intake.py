"""Takes a body's chunks into the part, and stops when something runs out: the job's limit, the disk, or patience."""

from collections.abc import Callable

from leeward.download_file import DownloadFile
from providers.downloads.config import DownloadConfig
from providers.downloads.expectation import check_growth, check_total
from providers.downloads.pace import Interval, SpeedFloor
from providers.downloads.part_file import PartFile
from providers.downloads.problems import DiskShort, TooSlow

Progress = Callable[[int, int | None], None]
"""Called with the bytes so far and the whole length, None while it is unknown."""


class Intake:
    """One delivery's stream into one part. The clock gives monotonic seconds."""

    def __init__(
        self,
        config: DownloadConfig,
        part: PartFile,
        job: DownloadFile,
        on_progress: Progress,
        clock: Callable[[], float],
    ) -> None:
        self._config = config
        self._part = part
        self._job = job
        self._on_progress = on_progress
        self._clock = clock
        now = clock()
        self._speed = SpeedFloor(config.minimum_bytes_per_second, config.speed_window, now)
        self._progress = Interval(config.progress_interval, now)
        self._checkpoints = Interval(config.checkpoint_interval, now)

    def begin(self) -> None:
        """Checks, before the first byte of an answer, what is known about the rest.

        Raises:
            TooLarge, WrongContent: the announced length is not the job's.
            DiskShort: it would not fit.
        """
        total = self._part.record.total
        if total is not None:
            check_total(self._job, total)
        self._check_disk(0 if total is None else total - self._part.size)
        self.report()

    def take(self, chunk: bytes) -> None:
        """Adds a chunk.

        Raises:
            TooLarge, WrongContent, DiskShort, TooSlow: enough.
        """
        check_growth(self._job, self._part.size + len(chunk))
        self._part.append(chunk)
        now = self._clock()
        if self._progress.is_due(now):
            self.report()
        if self._checkpoints.is_due(now):
            self._part.checkpoint()
            self._check_disk(0)
        if self._speed.is_broken(now, len(chunk)):
            raise TooSlow(f"sends less than {self._config.minimum_bytes_per_second} bytes per second")

    def report(self) -> None:
        self._on_progress(self._part.size, self._part.record.total)

    def _check_disk(self, needed_bytes: int) -> None:
        free, reserve = self._part.free_bytes(), self._config.free_disk_reserve_bytes
        if free - needed_bytes < reserve:
            raise DiskShort(f"{free} bytes are free, {needed_bytes} are needed and {reserve} are to stay free")
