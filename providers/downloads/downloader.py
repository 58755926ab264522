"""One provider of the `download` family: brings a job's file into the download folder."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import httpcore
import httpx

from leeward.extension import Calls, Health
from leeward.extension.errors import Permanent, ProviderError, TargetUnavailable, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import DownloadConfig
from providers.downloads.disk.beside import Beside
from providers.downloads.disk.destination import segments
from providers.downloads.disk.finished import Finished, find_finished
from providers.downloads.disk.folder import Folder
from providers.downloads.disk.part_file import PartFile
from providers.downloads.disk.part_record import PartRecord, source_digest
from providers.downloads.expectation import check_whole
from providers.downloads.health import check_health
from providers.downloads.intake import Intake, Progress
from providers.downloads.network.reach import Reach
from providers.downloads.network.session import Session
from providers.downloads.problems import WrongContent
from providers.downloads.transfer import Target, Transfer
from providers.downloads.translation import OPERATION, translated
from providers.http_client.address_guard import AddressGuard
from providers.http_client.location import host_of, location, shown
from providers.http_client.resolution import Resolver, resolve

_TRIES = 10


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that is where its job wants it, whole and checked.

    Attributes:
        path: relative to the download folder.
        resumed_from: how many bytes an earlier delivery had brought; all of them when there was nothing left to do.
        etag: the strong validator of the host's version; None when it gave none, or was not asked.
    """

    path: str
    size_bytes: int
    sha256: str
    resumed_from: int
    etag: str | None


class Downloader:
    """Downloads files. Safe to use from any number of threads, processes and machines on one folder.

    Args:
        config: the settings.
        provider: the provider's name, for errors.
        call: measures each download.
        resolver: host names to addresses.
        clock: monotonic seconds.
        now: the present date.
    """

    def __init__(
        self,
        config: DownloadConfig,
        *,
        provider: str = "http",
        call: Calls | None = None,
        resolver: Resolver = resolve,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._config = config
        self._provider = provider
        self._call = call or Calls(provider, type="http")
        self._clock = clock
        self._now = now
        guard = AddressGuard(allow_private=config.allow_private_addresses, resolver=resolver)
        self._session = Session(config, guard)
        self._reach = Reach(clock)
        self._beside = Beside()

    def fetch(self, job: DownloadFile, on_progress: Progress = lambda _done, _total: None) -> Downloaded:
        """Downloads the file, from the byte where an earlier delivery ended. Idempotent.

        A file at the destination that has the job's checksum (or, lacking that, its size) is taken as it is, without a
        request; any other file there is replaced in one step, once the new one is whole.

        Raises:
            Transient: the host fails or cannot be reached, and for all that is known no other can.
            Busy: another worker is at it.
            RateLimited: the host asks for patience.
            TargetUnavailable: this host or this file for now: it fails while others answer, an untrusted certificate, no room
                for so large a file, a file that was replaced meanwhile.
            Misconfigured: the disk is full, the folder is missing, or the proxy refuses our credentials.
            Permanent: this job will never succeed. Nothing is kept of it.
        """
        host = host_of(str(job.url))
        with self._call(OPERATION):
            try:
                found = self._fetch(job, on_progress)
            except Exception as error:
                verdict = self._verdict(error, job, host)
                if verdict is None:
                    raise
                # A protocol error quotes the answer, which may hold secrets.
                raise verdict from (None if isinstance(error, httpcore.ProtocolError) else error)
        self._reach.answered(host)
        return found

    def _verdict(self, error: Exception, job: DownloadFile, host: str) -> ProviderError | None:
        found = translated(
            error,
            provider=self._provider,
            where=shown(str(job.url)),
            is_folder_well=lambda: self.health().ok,
        )
        if found is not None and found.status is not None and found.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._reach.answered(host)
        if type(found) is Transient and self._reach.others_answer(host):
            # Not an outage of downloads: other hosts' files need not wait for this one.
            return TargetUnavailable(
                str(found),
                provider=found.provider,
                operation=found.operation,
                status=found.status,
                retry_after=found.retry_after,
                unreachable=found.unreachable,
            )
        return found

    def close(self) -> None:
        """Downloads that are under way must have ended."""
        self._beside.close()

    def health(self) -> Health:
        """Whether files could be written now."""
        return check_health(self._config)

    def _fetch(self, job: DownloadFile, on_progress: Progress) -> Downloaded:
        url = location(str(job.url))
        *folders, file_name = segments(job.destination)
        source = source_digest(str(url))
        with _opened(self._config.root, tuple(folders), file_name, source, self._beside) as (folder, part):
            try:
                finished = find_finished(folder, file_name, job, self._config.chunk_bytes)
                return (
                    self._transferred(part, job, url, on_progress) if finished is None else _kept(part, job, finished)
                )
            except WrongContent as error:
                part.discard(mismatched=error.may_be_ours)
                raise
            except Exception as error:
                if isinstance(translated(error, provider=self._provider, where=""), Permanent):
                    part.discard()
                raise

    def _transferred(self, part: PartFile, job: DownloadFile, url: httpx.URL, on_progress: Progress) -> Downloaded:
        integrity_known = job.sha256 is not None
        part.resume(self._config.chunk_bytes, integrity_known=integrity_known)
        target = Target(url, integrity_known=integrity_known, is_checkable=_is_checkable(job))
        intake = Intake(self._config, part, job, on_progress, self._clock)
        at_once = self._config.resume_at_once_bytes
        transfer = Transfer(self._session, target, part, intake, self._now, resume_at_once_bytes=at_once)
        try:
            transfer.run()
            sha256 = part.sha256()
            check_whole(job, part.size, sha256)
        except WrongContent as error:
            error.may_be_ours = _deserves_another_try(part.record, transfer)
            raise
        part.finish()
        return Downloaded(job.destination, part.size, sha256, part.resumed_from, part.record.etag)


@contextmanager
def _opened(
    root: Path, folders: tuple[str, ...], file_name: str, source: str, beside: Beside
) -> Iterator[tuple[Folder, PartFile]]:
    """The folder and its part. Another delivery that ends may remove the folder in between: then it is made again."""
    for tries_left in reversed(range(_TRIES)):
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(Folder.open(root, folders))
                part = stack.enter_context(PartFile.open(folder, file_name, source, beside))
            except FileNotFoundError:
                if not tries_left:
                    raise
                continue
            yield folder, part
            return


def _deserves_another_try(record: PartRecord, transfer: Transfer) -> bool:
    """Whether wrong content may come from a file that was replaced while it was fetched, or from putting pieces together.

    Such a file is fetched again once; the same version that is wrong a second time is wrong.
    """
    if record.mismatched:
        return record.wrong is not None and record.wrong != record.identity
    if record.pieced or record.replaced:
        return True
    try:
        return transfer.brings_another_version()
    except Exception:  # then the host's version is not known, and the checksum decides
        return False


def _kept(part: PartFile, job: DownloadFile, finished: Finished) -> Downloaded:
    part.discard()
    return Downloaded(job.destination, finished.size_bytes, finished.sha256, finished.size_bytes, None)


def _is_checkable(job: DownloadFile) -> bool:
    return job.sha256 is not None or job.size_bytes is not None
