"""What it means that the system refuses something in a folder of files, and whether it would refuse everything."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from leeward.extension.errors import Misconfigured, Permanent, ProviderError, TargetUnavailable, Transient
from providers.downloads.disk.folder import Folder

_PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.EINTR, errno.EAGAIN, errno.ENOMEM, errno.ESTALE})
_NO_NAME = frozenset({errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.EFBIG})
_OF_A_PATH = frozenset({errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENOENT})
_ADVICE = {
    errno.ENOSPC: "; make room on its disk",
    errno.EDQUOT: "; make room on its disk",
    errno.EACCES: "; give the worker's user the right to write there",
    errno.EPERM: "; give the worker's user the right to write there",
}


def meaning(error: OSError, what: str, *, is_well: Callable[[], bool]) -> tuple[type[ProviderError], str]:
    """The class of the error, and words for people.

    Args:
        error: the system's.
        what: how the folder is called, as `the media folder`.
        is_well: whether the folder as a whole can be written to. Asked where that decides.
    """
    if error.errno in _OF_A_PATH and is_well():
        # Some folder below it, which other jobs need not go through.
        return TargetUnavailable, f"its destination cannot be written ({error.strerror})"
    if error.errno in _NO_NAME:
        return Permanent, f"the file system of {what} cannot hold it ({error.strerror})"
    kind = Transient if error.errno in _PASSING else Misconfigured
    return kind, f"{what} refuses: {error.strerror or error}{_ADVICE.get(error.errno or 0, '')}"


def folder_problem(root: Path, reserve_bytes: int, what: str) -> str | None:
    """Why nothing could be written there now, in words for people; None: it could."""
    try:
        with Folder.open(root, ()) as folder:
            free = folder.free_bytes()
    except OSError as error:
        return f"{what} cannot be opened: {error.strerror}"
    if not os.access(root, os.W_OK | os.X_OK):
        return f"{what} may not be written to"
    return f"{free} bytes are free, and {reserve_bytes} are to stay free" if free < reserve_bytes else None
