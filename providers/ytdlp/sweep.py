"""Removes the work folders of downloads that no job continues."""

import fcntl
import os
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from providers.downloads.disk.sweep import Swept
from providers.ytdlp.workspace import HOME, LOCK


def sweep(root: Path, *, older_than: timedelta, now: datetime) -> Swept:
    """Removes the work folders in which nothing was written for that long; never one in use, whose lock is taken.

    May run anywhere at any time, also several times at once. Links are not followed.

    Raises:
        OSError: the media folder cannot be read.
    """
    home = root / HOME
    if home.is_symlink() or not home.is_dir():
        return Swept()
    oldest = now.timestamp() - older_than.total_seconds()
    folders = [folder for folder in home.iterdir() if folder.is_dir() and not folder.is_symlink()]
    return Swept(folders=sum(_removed(folder, oldest) for folder in folders))


def _removed(folder: Path, oldest: float) -> bool:
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        newest = _newest(folder)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if newest >= oldest:
            return False
        shutil.rmtree(folder)
    except OSError:  # in use, or gone, or not ours to remove
        return False
    finally:
        os.close(lock)
    return True


def _newest(folder: Path) -> float:
    newest = 0.0
    for found in folder.rglob("*"):
        with suppress(OSError):
            newest = max(newest, found.lstat().st_mtime)
    return newest
