"""One server, or one `leeward up`, per directory."""

import fcntl
import os
import time
from datetime import timedelta
from pathlib import Path

from leeward.errors import Conflict

_POLL = timedelta(milliseconds=10)


class DirectoryInUse(Conflict):
    """Raised when another live process holds the directory.

    Attributes:
        directory: which one.
    """

    code = "directory_in_use"

    def __init__(self, directory: Path) -> None:
        super().__init__(f"{directory} is in use by another process: stop that one, or choose another folder.")
        self.directory = directory


def lock_directory(directory: Path, *, patience: timedelta = timedelta(0)) -> int:
    """Returns a file descriptor that holds the directory until its last copy is closed.

    A child that is given the descriptor (`pass_fds`) keeps the lock after its parent is gone, and so do the child's own
    children: the lock is free exactly when all of them have ended.

    Raises:
        DirectoryInUse: the lock was not free within `patience`.
    """
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience.total_seconds()
    while not _locked(descriptor):
        if time.monotonic() >= deadline:
            os.close(descriptor)
            raise DirectoryInUse(directory)
        time.sleep(_POLL.total_seconds())
    return descriptor


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
