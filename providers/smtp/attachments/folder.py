"""Opens a file of the attachments' folder, and nothing outside of it."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath

from leeward.extension.errors import Misconfigured, Permanent, TargetUnavailable
from providers.smtp.attachments.attached_file import AttachedFile

_NO_SUCH_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe would wait for a process that writes into it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def open_in(folder: Path, name: str, *, limit_bytes: int) -> AttachedFile:
    """Opens `name`, a path relative to `folder`. No link on the way is followed, so nothing leads out of the folder.

    Raises:
        Misconfigured: the folder itself cannot be opened.
        Permanent: there is no such file, it is none, it is larger than `limit_bytes`, or the path leads elsewhere.
        TargetUnavailable: it is there and cannot be read now.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise _refused(name, "is not a path below the folder of attachments")
    try:
        found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Misconfigured(f"the folder of attachments cannot be opened: {error}", operation="attach") from error
    try:
        for part in parts[:-1]:
            found = _replaced(found, os.open(part, _FOLDER, dir_fd=found))
        found = _replaced(found, os.open(parts[-1], _FILE, dir_fd=found))
    except OSError as error:
        os.close(found)
        if error.errno in _NO_SUCH_FILE:
            raise _refused(name, "is not there: links are not followed") from error
        raise TargetUnavailable(
            f"the attachment {name!r} cannot be read: {error.strerror}", operation="attach"
        ) from error
    return _checked(found, name, limit_bytes)


def _replaced(old: int, new: int) -> int:
    os.close(old)
    return new


def _checked(found: int, name: str, limit_bytes: int) -> AttachedFile:
    about = os.fstat(found)
    if stat.S_ISREG(about.st_mode) and about.st_size <= limit_bytes:
        return AttachedFile(name, os.fdopen(found, "rb"), about.st_size)
    with suppress(OSError):
        os.close(found)
    if not stat.S_ISREG(about.st_mode):
        raise _refused(name, "is not a file")
    raise _refused(name, f"has {about.st_size} bytes, more than the {limit_bytes} that one may have")


def _refused(name: str, why: str) -> Permanent:
    return Permanent(f"the attachment {name!r} {why}", operation="attach")
