"""Whether the file that a job wants is there already, from an earlier delivery or by other means."""

import hashlib
import os
import stat
from dataclasses import dataclass

from leeward.jobs.download.file import DownloadFile
from providers.downloads.disk.destination import DestinationRefused
from providers.downloads.disk.folder import Folder


@dataclass(frozen=True, slots=True)
class Finished:
    size_bytes: int
    sha256: str


def find_finished(folder: Folder, file_name: str, job: DownloadFile, chunk_bytes: int) -> Finished | None:
    """The file at the destination, if it is what the job describes by its size, its checksum or both.

    Raises:
        DestinationRefused: the destination is a folder, a link or a device, and will not be replaced.
        OSError: the system refuses.
    """
    found = folder.status(file_name)
    if found is None:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise DestinationRefused(f"the destination {job.destination!r} is there already, and is no regular file")
    is_described = job.sha256 is not None or job.size_bytes is not None
    if not is_described or job.size_bytes not in (None, found.st_size):
        return None
    finished = _hashed(folder, file_name, chunk_bytes)
    return finished if job.sha256 in (None, finished.sha256) else None


def _hashed(folder: Folder, file_name: str, chunk_bytes: int) -> Finished:
    digest, size = hashlib.sha256(), 0
    with folder.open_file(file_name, os.O_RDONLY) as file:
        while chunk := file.read(chunk_bytes):
            digest.update(chunk)
            size += len(chunk)
    return Finished(size, digest.hexdigest())
