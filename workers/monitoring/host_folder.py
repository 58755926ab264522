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
    folder, lock = _new(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _new(parent: Path) -> tuple[Path, int]:
    """A folder that is held. Until its lock is locked, a host that sweeps may take it for one that no process holds."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        try:
            return folder, hold(folder)
        except FileNotFoundError:
            _log.info("host_folder_lost", folder=folder.name, reason="another host removed it before it was locked")


def hold(folder: Path) -> int:
    """Marks the folder as in use by this process, for as long as the returned descriptor is open.

    Raises:
        FileNotFoundError: there is no such folder any more.
        OSError: no room in it.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        # Who sweeps holds the lock until the folder is gone: what is still there now stays.
        if not os.path.samestat(os.fstat(descriptor), (folder / LOCK).stat()):
            raise FileNotFoundError(folder)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _sweep(parent: Path) -> None:
    """Removes what no process holds."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            if _is_ours(folder) and (_remove_free(folder) if (folder / LOCK).exists() else _remove_forgotten(folder)):
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


def _remove_forgotten(folder: Path) -> bool:
    if not _is_forgotten(folder):
        return False
    shutil.rmtree(folder)
    return True


def _remove_free(folder: Path) -> bool:
    """Whether no process held it. The lock is kept until it is gone."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
