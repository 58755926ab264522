"""Removes the remains of dead downloads: unfinished files that no job continues, and empty folders."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from providers.downloads.disk.destination import MADE_NAME, is_own
from providers.downloads.disk.folder_walk import remove_if_unused

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_PART = ".part"
_DEEPEST = 600


@dataclass(slots=True)
class Swept:
    """What was removed."""

    files: int = 0
    folders: int = 0


def sweep(root: Path, *, older_than: timedelta, now: datetime) -> Swept:
    """Removes the fleet's own files that were not written to for that long, and then the folders that the fleet made and
    that are empty. Never one in use: the writer of a part has its lock, and writes to it.

    Links are not followed, and what the system does not let us look at is passed over. May run anywhere at any time, also
    several times at once.

    Raises:
        OSError: the root cannot be opened.
    """
    swept = Swept()
    oldest = now.timestamp() - older_than.total_seconds()
    with _opened(os.open(root, _FOLDER & ~os.O_NOFOLLOW)) as descriptor:
        _sweep_folder(descriptor, oldest, swept, depth=0)
    return swept


def _sweep_folder(folder: int, oldest: float, swept: Swept, *, depth: int) -> None:
    for name in os.listdir(folder):
        with suppress(OSError):  # gone by now, or not ours to look at
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode) and depth < _DEEPEST:
                _sweep_below(folder, name, oldest, swept, depth=depth)
            elif is_own(name) and name != MADE_NAME and stat.S_ISREG(found.st_mode) and found.st_mtime < oldest:
                swept.files += _remove_unused(folder, name)


def _sweep_below(parent: int, name: str, oldest: float, swept: Swept, *, depth: int) -> None:
    with _opened(os.open(name, _FOLDER, dir_fd=parent)) as folder:
        # Before the sweep of it, which changes that time itself.
        is_old = os.fstat(folder).st_mtime < oldest
        _sweep_folder(folder, oldest, swept, depth=depth + 1)
        if not is_old:
            return
        if remove_if_unused(parent, name, folder):
            swept.folders += 1
        elif _holds_others(folder):
            # Two deliveries that end at once may leave the mark where something was published.
            with suppress(FileNotFoundError):
                os.unlink(MADE_NAME, dir_fd=folder)


def _remove_unused(folder: int, name: str) -> bool:
    """The writer of a part has its lock; a record belongs to its part, and is removed when the part does not exist any more."""
    if not name.endswith(_PART):
        part = name.partition(".json")[0] + _PART
        if _is_there(folder, part):
            return False
        os.unlink(name, dir_fd=folder)
        return True
    with _opened(os.open(name, _FILE, dir_fd=folder)) as part_file:
        try:
            fcntl.flock(part_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.unlink(name, dir_fd=folder)
    for record in (name.removesuffix(_PART) + ".json", name.removesuffix(_PART) + ".json.new"):
        with suppress(FileNotFoundError):
            os.unlink(record, dir_fd=folder)
    return True


def _holds_others(folder: int) -> bool:
    return not all(is_own(name) for name in os.listdir(folder))


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _opened(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)
