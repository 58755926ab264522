"""The work folder of one destination: one writer at a time, kept from delivery to delivery until its file is published."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from leeward.jobs.download.media import DownloadMedia
from providers.downloads.disk.destination import OWN_PREFIX, segments
from providers.downloads.disk.folder import Folder
from providers.downloads.disk.part_lock import open_locked

HOME = f"{OWN_PREFIX}media"
"""The folder of all work folders, below the media folder: on the same file system, so that publishing is a rename."""
LOCK = "lock"
WORK = "work"
_TRIES = 10


class Workspace:
    """A locked work folder. `Workspace.open` makes one.

    Attributes:
        folder: its records and its lock.
        path: where yt-dlp works, and nothing else is kept.
        lock: the descriptor that holds the lock; a process that inherits it holds the lock, too.
    """

    def __init__(self, folder: Folder, path: Path, lock: int) -> None:
        self.folder = folder
        self.path = path
        self.lock = lock

    @classmethod
    @contextmanager
    def open(cls, root: Path, destination: str) -> Iterator["Workspace"]:
        """Makes the folder where it is missing.

        Raises:
            PartBusy: another delivery is at this destination, or the yt-dlp of one whose worker was killed.
            DestinationRefused: a link or a file lies in place of the folder.
            OSError: the media folder is missing, or the system refuses.
        """
        name = hashlib.sha256(destination.encode()).hexdigest()[:32]
        with ExitStack() as stack:
            folder, lock = _opened(stack, root, (HOME, name))
            path = root / HOME / name / WORK
            path.mkdir(exist_ok=True)
            yield cls(folder, path, lock)

    def clear(self) -> None:
        """Removes what earlier deliveries have left."""
        shutil.rmtree(self.path)
        self.path.mkdir()

    def size_bytes(self) -> int:
        """How much lies there now."""
        total = 0
        for found in self.path.rglob("*"):
            with suppress(OSError):  # renamed or removed meanwhile
                total += found.lstat().st_size
        return total

    def free_bytes(self) -> int:
        return self.folder.free_bytes()

    def publish(self, file: str, root: Path, published: str) -> int:
        """Puts a complete file in its place, in one step, durably. Its size in bytes.

        Raises:
            DestinationRefused: the file is a link, or something that is not a file lies in its place.
            OSError: the system refuses.
        """
        *folders, name = segments(published)
        with Folder.open(self.path, ()) as work, Folder.open(root, tuple(folders)) as target:
            with work.open_file(file, os.O_RDONLY) as whole:
                os.fsync(whole.fileno())
                size = os.fstat(whole.fileno()).st_size
            target.take(work, file, name)
            target.sync()
            target.keep()
        return size


def source_digest(job: DownloadMedia) -> str:
    """Another page, format or container is another download."""
    wanted = "\0".join([job.url, job.format or "", job.container or ""])
    return hashlib.sha256(wanted.encode()).hexdigest()


def _opened(stack: ExitStack, root: Path, names: tuple[str, ...]) -> tuple[Folder, int]:
    """Another delivery, or the sweep, may remove the folder in between: then it is made again."""
    for tries_left in reversed(range(_TRIES)):
        try:
            with ExitStack() as trying:
                folder = trying.enter_context(Folder.open(root, names))
                lock = trying.enter_context(open_locked(folder, LOCK))
                stack.push(trying.pop_all())
                return folder, lock.fileno()
        except FileNotFoundError:
            if not tries_left:
                raise
    raise AssertionError("unreachable")
