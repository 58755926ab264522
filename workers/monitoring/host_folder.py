"""The folder in which a worker host and its processes keep their metrics and heartbeats: private to them, and removed with them."""

import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import structlog

from workers.processes.liveness import is_alive

PREFIX = "leeward-worker-"
LOCK = "lock"
FORGOTTEN = timedelta(minutes=10)
"""Processes write their pulses each second."""
_OWNER = re.compile(r"[-_](\d+)\.(?:db|json)$")

_log = structlog.get_logger(__name__)


@contextmanager
def host_folder() -> Iterator[Path]:
    """A new folder in TMPDIR, removed at the end. What hosts that were killed have left there is removed, too."""
    parent = Path(tempfile.gettempdir())
    _sweep(parent)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent, ignore_cleanup_errors=True) as name:
        lock = hold(Path(name))
        try:
            yield Path(name)
        finally:
            os.close(lock)


def hold(folder: Path) -> int:
    """Marks the folder as in use by this process, for as long as the returned descriptor is open.

    Raises:
        OSError: there is no such folder any more, or no room in it.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _sweep(parent: Path) -> None:
    """Removes what no process holds."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            if _is_ours(folder) and (_is_free(folder / LOCK) if (folder / LOCK).exists() else _is_forgotten(folder)):
                shutil.rmtree(folder)
                _log.info("host_folder_removed", folder=folder.name, reason="no process holds it")
        except OSError as error:
            _log.debug("host_folder_stays", folder=folder.name, error=str(error))


def _is_ours(folder: Path) -> bool:
    """Not a link, and not another user's."""
    found = folder.lstat()
    return found.st_uid == os.getuid() and folder.is_dir() and not folder.is_symlink()


def _is_forgotten(folder: Path) -> bool:
    """Of a folder without a lock: a host that begins right now has none yet, and hosts of earlier versions never had one."""
    pids = [int(found[1]) for file in folder.iterdir() if (found := _OWNER.search(file.name))]
    age = time.time() - folder.stat().st_mtime
    return age > FORGOTTEN.total_seconds() and not any(is_alive(pid) for pid in pids)


def _is_free(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
