"""Where a job's file may come from: its URL, and its mirrors."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpcore

from leeward.extension.errors import Permanent, ProviderError, RateLimited, TargetUnavailable, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.disk.part_record import source_digest
from providers.downloads.problems import (
    AnswerBroken,
    AnswerRefused,
    EndUncertain,
    FileDamaged,
    TooLarge,
    TooSlow,
    WrongContent,
    WrongType,
)
from providers.http_client.address_guard import AddressRefused
from providers.http_client.location import LocationRefused, host_of, location, shown

OF_ONE_SOURCE = (
    AddressRefused,
    AnswerBroken,
    AnswerRefused,
    FileDamaged,
    EndUncertain,
    LocationRefused,
    TooLarge,
    TooSlow,
    WrongContent,
    WrongType,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
)
"""The problems that another source may not have. All others are the disk's, the proxy's or our own."""
_BY_HOPE: tuple[tuple[type[ProviderError], ...], ...] = ((Transient, TargetUnavailable), (RateLimited,), (Permanent,))


@dataclass(frozen=True, slots=True)
class Source:
    """One URL. `digest` distinguishes it from others without holding its secrets."""

    url: str
    digest: str

    @property
    def host(self) -> str:
        return host_of(self.url)

    @property
    def shown(self) -> str:
        """What people may see of it."""
        return shown(self.url)


class SourcesFailed(Exception):
    """Raised when none of several sources brings the file. `failures` are in the order in which they were asked."""

    def __init__(self, failures: Sequence[tuple[Source, Exception]]) -> None:
        super().__init__(f"none of {len(failures)} sources brings the file")
        self.failures = failures


def sources_of(job: DownloadFile) -> list[Source]:
    """Each URL once, in the job's order."""
    return [Source(url, _digest(url)) for url in dict.fromkeys((job.url, *(job.mirrors or ())))]


def begun_first(sources: list[Source], source: str) -> list[Source]:
    """The same sources, but the one first that brought bytes already: no other can continue them."""
    return sorted(sources, key=lambda each: each.digest != source)


def most_hopeful(errors: Sequence[ProviderError]) -> ProviderError:
    """The one of several sources' errors that decides about the job: while one may bring the file later, the job stays."""
    return min(errors, key=_hope)


def _hope(error: ProviderError) -> int:
    return next((rank for rank, kinds in enumerate(_BY_HOPE) if isinstance(error, kinds)), len(_BY_HOPE))


def _digest(url: str) -> str:
    try:
        return source_digest(str(location(url)))
    except LocationRefused:
        return source_digest(url)
