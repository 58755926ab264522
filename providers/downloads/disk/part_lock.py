"""One writer per destination, in any process on any machine."""

import fcntl
import os
from io import FileIO

from providers.downloads.disk.folder import Folder

_TRIES = 10


class PartBusy(Exception):
    """Raised when another thread, process or machine is writing this destination."""


def open_locked(folder: Folder, name: str) -> FileIO:
    """Opens or makes a file and takes its lock (`flock`), without waiting. Closing the file, or dying, gives it back.

    Raises:
        PartBusy: another process or thread has the lock.
        DestinationRefused: a link or a folder lies in place of the file.
        OSError: the system refuses.
    """
    for _ in range(_TRIES):
        handle = folder.open_file(name, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(folder, name, handle):
                return handle
        except BlockingIOError as error:
            handle.close()
            raise PartBusy(name) from error
        except BaseException:
            handle.close()
            raise
        # The former holder of the lock finished in between: the name now is the complete file, which we must not write.
        handle.close()
    raise PartBusy(name)


def _is_still(folder: Folder, name: str, handle: FileIO) -> bool:
    there, held = folder.status(name), os.fstat(handle.fileno())
    return there is not None and (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)
