"""Undoes the content coding of a file that a host sent in one although none was asked for, with a limit on what comes out."""

from collections.abc import Callable, Iterable, Iterator

from leeward.extension import stop_if_cancelled
from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import MIB
from providers.downloads.expectation import check_growth
from providers.downloads.problems import EndUncertain, FileDamaged, TooLarge
from providers.http_client.inflation import CODINGS, Damaged, inflated

MOST_EXPANSION = 250
"""Text that people write expands up to 30 times, monotonous logs up to 100, and zeros 1,000 times."""
_NEVER_A_BOMB_BYTES = 64 * MIB
_GZIP = b"\x1f\x8b"
_DISK_CHECK_BYTES = 64 * MIB
_ENDINGS = {
    "gzip": (".gz", ".tgz", ".svgz", ".emz", ".gzip", ".vcf.bgz", ".bgz"),
    "x-gzip": (".gz", ".tgz", ".svgz", ".emz", ".gzip", ".vcf.bgz", ".bgz"),
    "deflate": (".zz", ".zlib"),
}


def is_wanted_as_sent(job: DownloadFile, coding: str, *, size: int, sha256: str) -> bool:
    """Whether the bytes are to be published in their coding: they are what the job describes, cannot be decoded, or are a compressed
    file by the name of its destination, which some hosts label so.
    """
    if coding not in CODINGS or job.sha256 == sha256:
        return True
    if job.sha256 is not None:
        return False
    if job.size_bytes is not None:
        return size == job.size_bytes
    return job.destination.lower().endswith(_ENDINGS[coding])


def decoded(
    sent: Iterable[bytes], coding: str, job: DownloadFile, *, sent_bytes: int, check_disk: Callable[[], None]
) -> Iterator[bytes]:
    """The plain bytes.

    Args:
        sent: the bytes as they were sent.
        coding: that they are in, one of `CODINGS`.
        job: whose limits apply.
        sent_bytes: how many they are in all.
        check_disk: raises DiskShort.

    Raises:
        TooLarge: more comes out than the job allows, or so much more than went in that it can only be meant to fill the disk.
        WrongContent: more comes out than the job's size.
        EndUncertain: the data is not in that coding at all.
        FileDamaged: it is, and is damaged or ends early.
        DiskShort: the disk is full.
    """
    size, checked, chunks = 0, 0, _Chunks(sent)
    try:
        for piece in inflated(chunks, coding, at_once=MIB):
            size += len(piece)
            check_growth(job, size)
            _check_expansion(job, size, sent_bytes)
            stop_if_cancelled()
            if size - checked >= _DISK_CHECK_BYTES:
                checked = size
                check_disk()
            yield piece
    except Damaged as damage:
        if not size and not chunks.are_gzip:
            raise EndUncertain(f"says that it sends {coding}, and sends something else") from None
        raise FileDamaged(f"sends {damage}") from None


class _Chunks:
    """Chunks that remember how they began."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._beginning = b""

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._beginning = self._beginning or chunk[: len(_GZIP)]
            yield chunk

    @property
    def are_gzip(self) -> bool:
        return self._beginning == _GZIP


def _check_expansion(job: DownloadFile, size: int, sent_bytes: int) -> None:
    if job.size_bytes is None and size > max(_NEVER_A_BOMB_BYTES, sent_bytes * MOST_EXPANSION):
        raise TooLarge(
            f"is compressed more than {MOST_EXPANSION} times, as no file is that is meant to be read: give the job its size_bytes"
        )
