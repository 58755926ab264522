"""What a job demands of its file. A rule over sizes and checksums."""

from collections.abc import Sequence

from leeward.jobs.download.file import DownloadFile
from providers.downloads.network.content_type import is_accepted, is_page_instead, media_type
from providers.downloads.problems import TooLarge, WrongContent, WrongType


def check_type(job: DownloadFile, accepted: Sequence[str], content_type: str | None) -> None:
    """Judges what a host says the file is. The job's own types take the place of `accepted`; without either, every type is taken but
    a page in place of a file whose name says otherwise and that nothing else will check.

    Raises:
        WrongType: it is not what is wanted.
    """
    wanted = accepted if job.content_types is None else job.content_types
    if wanted:
        if not is_accepted(content_type, wanted):
            raise WrongType(f"is {media_type(content_type)[:80]}, and not {' or '.join(wanted)[:200]}")
    elif job.sha256 is None and is_page_instead(content_type, job.destination):
        raise WrongType("sends a page instead of the file, as hosts do that want a sign-in", is_page=True)


def check_total(job: DownloadFile, total: int, *, is_coded: bool = False) -> None:
    """Judges the length that a host announces. Of a file in a content coding, only the limit says something about it.

    Raises:
        TooLarge, WrongContent: it will not be what the job wants.
    """
    if total > job.size_limit_bytes:
        raise TooLarge(f"has {total} bytes, more than the job's limit of {job.size_limit_bytes}")
    if not is_coded and job.size_bytes not in (None, total):
        raise WrongContent(f"has {total} bytes instead of {job.size_bytes}")


def check_growth(job: DownloadFile, size: int, *, is_coded: bool = False) -> None:
    """Judges a file that is still growing, for hosts that announce no length or a wrong one.

    Raises:
        TooLarge, WrongContent: there are too many bytes already.
    """
    if size > job.size_limit_bytes:
        raise TooLarge(f"has more bytes than the job's limit of {job.size_limit_bytes}")
    if not is_coded and job.size_bytes is not None and size > job.size_bytes:
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
