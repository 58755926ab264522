"""The folder of one destination, held open. Nothing below the root is reached through a symbolic link."""

import os
import stat
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from providers.downloads.disk.destination import DestinationRefused
from providers.downloads.disk.folder_walk import Way

_FILE_MODE = 0o666  # the umask decides


class Folder:
    """A folder below the root, addressed by descriptor, so that renaming it or replacing it by a link changes nothing.

    A context manager; leaving it removes the folders that the fleet made and that hold nothing, whichever delivery made
    them. Not for several threads.
    """

    def __init__(self, way: Way) -> None:
        self._way = way
        self._descriptor = way.last

    @classmethod
    def open(cls, root: Path, names: tuple[str, ...]) -> Self:
        """Walks from the root, name by name, and makes the folders that are missing.

        Raises:
            DestinationRefused: a name on the way is a link or a file.
            OSError: the root is missing, or the system refuses.
        """
        return cls(Way.open(root, names))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._way.leave()

    def keep(self) -> None:
        """Something was published here: the folder is no longer ours to remove."""
        self._way.keep()

    def status(self, name: str) -> os.stat_result | None:
        """What is there under a name, links not followed; None when nothing is."""
        try:
            return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def open_file(self, name: str, flags: int) -> FileIO:
        """A regular file, unbuffered.

        Raises:
            DestinationRefused: it is a link, a folder or a device.
            OSError: the system refuses; FileNotFoundError without `os.O_CREAT`.
        """
        handle = FileIO(name, _mode(flags), opener=self._opener(flags))
        if stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
            return handle
        handle.close()
        raise DestinationRefused(f"{name!r} is no regular file")

    def replace(self, source: str, target: str) -> None:
        """Renames within the folder, atomically. Durable after `sync`."""
        os.replace(source, target, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def take(self, source: "Folder", source_name: str, name: str) -> None:
        """Moves a file here from another folder of the same file system, atomically, in place of any file of that name.

        Raises:
            DestinationRefused: something that is not a file has the name.
            OSError: the system refuses.
        """
        there = self.status(name)
        if there is not None and not stat.S_ISREG(there.st_mode):
            raise DestinationRefused(f"{name!r} is there already, and is no regular file")
        os.replace(source_name, name, src_dir_fd=source._descriptor, dst_dir_fd=self._descriptor)  # noqa: SLF001 # of its own class

    def remove(self, name: str) -> None:
        """Removes a file; nothing happens when there is none."""
        try:
            os.unlink(name, dir_fd=self._descriptor)
        except FileNotFoundError:
            return

    def sync(self) -> None:
        """Makes creations, renames and removals durable."""
        os.fsync(self._descriptor)

    def free_bytes(self) -> int:
        """What an ordinary user may still write on this file system."""
        found = os.fstatvfs(self._descriptor)
        return found.f_bavail * found.f_frsize

    def capacity_bytes(self) -> int:
        """What this file system could hold if it were empty."""
        found = os.fstatvfs(self._descriptor)
        return found.f_blocks * found.f_frsize

    def _opener(self, flags: int) -> Callable[[str, int], int]:
        # O_NONBLOCK: a FIFO in place of the file must not stop the worker.
        extra = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK

        def opener(name: str, _: int) -> int:
            try:
                return os.open(name, flags | extra, _FILE_MODE, dir_fd=self._descriptor)
            except OSError as error:
                found = self.status(name)
                if found is not None and not stat.S_ISREG(found.st_mode):
                    raise DestinationRefused(f"{name!r} is no regular file") from error
                raise

        return opener


def _mode(flags: int) -> str:
    return "r+" if flags & os.O_ACCMODE else "r"
