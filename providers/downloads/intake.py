"""Takes a body's chunks into the part, and stops when something runs out: the job's limit, the disk, or patience."""

from collections.abc import Callable

from leeward.extension import stop_if_cancelled
from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import MIB, DownloadConfig
from providers.downloads.disk.beside import Bytes
from providers.downloads.disk.part_file import PartFile
from providers.downloads.expectation import check_growth, check_total, check_type
from providers.downloads.pace import Interval, SpeedFloor
from providers.downloads.problems import DiskShort, NoRoom, TooLarge, TooSlow

_MOST_UNSYNCED_BYTES = 64 * MIB
"""Written and not yet on their way to the disk: the wait at the end of the file would be for all of them."""
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
        self._unsynced = 0

    def check_type(self, content_type: str | None) -> None:
        """Raises WrongType when the host says that the file is of another type than is wanted."""
        check_type(self._job, self._config.content_types, content_type)

    def begin(self) -> None:
        """Checks, before the first byte of an answer, what is known about the rest.

        Raises:
            TooLarge, WrongContent: the announced length is not the job's.
            TooLarge: it is larger than the disk.
            NoRoom: it would not fit beside the reserve.
            DiskShort: the disk is too full for anything.
        """
        total = self._part.record.total
        if total is not None:
            check_total(self._job, total, is_coded=self._is_coded)
        self.check_disk()
        if total is not None:
            self._check_room(total)
        self.report()

    def take(self, piece: Bytes) -> None:
        """Adds a piece, which must stay as it is until the next call has returned.

        Raises:
            TooLarge, WrongContent, DiskShort, TooSlow: enough.
            CancelRequested: the job was cancelled.
        """
        check_growth(self._job, self._part.size + len(piece), is_coded=self._is_coded)
        self._part.append(piece)
        stop_if_cancelled()
        now = self._clock()
        if self._progress.is_due(now):
            self.report()
        self._unsynced += len(piece)
        if self._checkpoints.is_due(now):
            self._part.checkpoint()
            self.check_disk()
        elif self._unsynced >= _MOST_UNSYNCED_BYTES:
            self._unsynced = 0
            self._part.write_back()
            self.check_disk()
        if self._speed.is_broken(now, len(piece)):
            raise TooSlow(f"sends less than {self._config.minimum_bytes_per_second} bytes per second")

    def report(self) -> None:
        self._on_progress(self._part.size, self._part.record.total)

    @property
    def _is_coded(self) -> bool:
        return bool(self._part.record.coding)

    def check_disk(self) -> None:
        """Raises DiskShort when the disk is too full for anything more."""
        free, reserve = self._part.free_bytes(), self._config.free_disk_reserve_bytes
        if free < reserve:
            raise DiskShort(f"{free} bytes are free, and {reserve} are to stay free")

    def _check_room(self, total: int) -> None:
        """What a host announces is about this file: the disk is no fuller for it."""
        capacity, reserve = self._part.capacity_bytes(), self._config.free_disk_reserve_bytes
        if total > capacity - reserve:
            raise TooLarge(
                f"has {total} bytes, more than the disk holds: {capacity}, of which {reserve} are to stay free"
            )
        free, needed = self._part.free_bytes(), total - self._part.size
        if free - needed < reserve:
            raise NoRoom(f"{free} bytes are free, {needed} are needed and {reserve} are to stay free")
