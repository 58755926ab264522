"""What a job demands of its file. A rule over sizes and checksums."""

from leeward.jobs.download.file import DownloadFile
from providers.downloads.problems import TooLarge, WrongContent


def check_total(job: DownloadFile, total: int) -> None:
    """Judges the length that a host announces.

    Raises:
        TooLarge, WrongContent: it will not be what the job wants.
    """
    if total > job.size_limit_bytes:
        raise TooLarge(f"has {total} bytes, more than the job's limit of {job.size_limit_bytes}")
    if job.size_bytes not in (None, total):
        raise WrongContent(f"has {total} bytes instead of {job.size_bytes}")


def check_growth(job: DownloadFile, size: int) -> None:
    """Judges a file that is still growing, for hosts that announce no length or a wrong one.

    Raises:
        TooLarge, WrongContent: there are too many bytes already.
    """
    if size > job.size_limit_bytes:
        raise TooLarge(f"has more bytes than the job's limit of {job.size_limit_bytes}")
    if job.size_bytes is not None and size > job.size_bytes:
        raise WrongContent(f"has more than the expected {job.size_bytes} bytes")


def check_whole(job: DownloadFile, size: int, sha256: str) -> None:
    """Judges the whole file.

    Raises:
        WrongContent: it is not what the job wants.
    """
    if job.size_bytes not in (None, size):
        raise WrongContent(f"has {size} bytes instead of {job.size_bytes}")
    if job.sha256 not in (None, sha256):
        raise WrongContent(f"has the SHA-256 {sha256} instead of {job.sha256}")
