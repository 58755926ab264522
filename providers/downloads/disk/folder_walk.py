"""The way from the root to a folder, held open: made where it is missing, and taken back where nothing came of it."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Self

from providers.downloads.disk.destination import MADE_NAME, DestinationRefused

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_BELOW = _FOLDER | os.O_NOFOLLOW
_NO_FOLDER = (errno.ENOTDIR, errno.ELOOP)  # for a link, Linux says the one and BSD the other
_FOLDER_MODE = 0o777  # the umask decides
_MARK_MODE = 0o666


class Way:
    """Descriptors of the root and of each folder below it, in order."""

    def __init__(self, descriptors: list[int], names: tuple[str, ...]) -> None:
        self._descriptors = descriptors
        self._names = names

    @property
    def last(self) -> int:
        return self._descriptors[-1]

    @classmethod
    def open(cls, root: Path, names: tuple[str, ...]) -> Self:
        """Walks from the root, name by name, and makes the folders that are missing.

        Raises:
            DestinationRefused: a name on the way is a link or a file.
            OSError: the root is missing, a folder is removed in the meantime, or the system refuses.
        """
        descriptors = [os.open(root, _FOLDER)]
        try:
            for name in names:
                descriptors.append(_enter(descriptors[-1], name))
        except BaseException:
            cls(descriptors, names).leave()
            raise
        return cls(descriptors, names)

    def keep(self) -> None:
        """Takes the marks from all folders on the way: they hold something now."""
        for descriptor in self._descriptors[1:]:
            with suppress(FileNotFoundError):
                os.unlink(MADE_NAME, dir_fd=descriptor)

    def leave(self) -> None:
        """Removes the folders at its end that carry the mark and hold nothing else, and closes all."""
        try:
            for depth in range(len(self._descriptors) - 1, 0, -1):
                if not remove_if_unused(self._descriptors[depth - 1], self._names[depth - 1], self._descriptors[depth]):
                    return
        except OSError:
            return  # whatever keeps it from being removed, the sweep comes by again
        finally:
            for descriptor in self._descriptors:
                os.close(descriptor)


def remove_if_unused(parent: int, name: str, descriptor: int) -> bool:
    """Removes a folder that the fleet made and that holds nothing but the mark. Returns whether it is gone.

    Raises:
        OSError: the system refuses.
    """
    if not _is_marked(descriptor) or os.listdir(descriptor) != [MADE_NAME]:
        return False
    os.unlink(MADE_NAME, dir_fd=descriptor)
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:  # another delivery came in just now: it is still ours
            _mark(descriptor)
            return False
        raise
    return True


def _enter(parent: int, name: str) -> int:
    try:
        return os.open(name, _BELOW, dir_fd=parent)
    except FileNotFoundError:
        return _made(parent, name)
    except OSError as error:
        if error.errno in _NO_FOLDER:
            raise DestinationRefused(
                f"{name!r} on the way to the destination is a link or a file, not a folder"
            ) from error
        raise


def _made(parent: int, name: str) -> int:
    try:
        os.mkdir(name, _FOLDER_MODE, dir_fd=parent)
    except FileExistsError:  # another process made it just now
        return os.open(name, _BELOW, dir_fd=parent)
    descriptor = os.open(name, _BELOW, dir_fd=parent)
    try:
        _mark(descriptor)
        os.fsync(parent)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _is_marked(descriptor: int) -> bool:
    # Asked first: a folder of many files is not listed at the end of each download.
    try:
        os.stat(MADE_NAME, dir_fd=descriptor, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _mark(descriptor: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    os.close(os.open(MADE_NAME, flags, _MARK_MODE, dir_fd=descriptor))
