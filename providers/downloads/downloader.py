"""One provider of the `download` family: brings a job's file into the download folder."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import httpcore

from leeward.extension import Calls, Health
from leeward.extension.errors import Permanent, ProviderError, TargetUnavailable, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import DownloadConfig
from providers.downloads.delivery import Delivery
from providers.downloads.disk.beside import Beside
from providers.downloads.disk.destination import segments
from providers.downloads.disk.finished import Finished, find_finished
from providers.downloads.disk.folder import Folder
from providers.downloads.disk.part_file import PartFile
from providers.downloads.health import check_health
from providers.downloads.intake import Progress
from providers.downloads.network.reach import Reach
from providers.downloads.network.session import Session
from providers.downloads.problems import FileDamaged, WrongContent
from providers.downloads.sources import Source, SourcesFailed, most_hopeful, sources_of
from providers.downloads.translation import OPERATION, translated
from providers.http_client.address_guard import AddressGuard
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
        with self._call(OPERATION):
            try:
                return self._fetch(job, on_progress)
            except Exception as error:
                verdict = self._verdict(error, job)
                if verdict is None:
                    raise
                raise verdict from (None if _quotes_an_answer(error) else error)

    def _verdict(self, error: Exception, job: DownloadFile) -> ProviderError | None:
        """What an error means for the job; None for a mistake of ours."""
        if not isinstance(error, SourcesFailed):
            return self._verdict_of_one(error, sources_of(job)[0])
        verdicts = [self._verdict_of_one(failure, source) for source, failure in error.failures]
        found = [verdict for verdict in verdicts if verdict is not None]
        if len(found) < len(verdicts):
            return None
        deciding = self._blamed(most_hopeful(found), error.failures[0][0].host)
        return _copied(type(deciding), deciding, "; ".join(map(str, found)))

    def _verdict_of_one(self, error: Exception, source: Source) -> ProviderError | None:
        found = translated(error, provider=self._provider, where=source.shown, is_folder_well=lambda: self.health().ok)
        if found is None:
            return None
        if found.status is not None and found.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._reach.answered(source.host)
        return self._blamed(found, source.host)

    def _blamed(self, found: ProviderError, host: str) -> ProviderError:
        """Where other hosts answer, it is no outage of downloads: their files need not wait for this one."""
        if type(found) is Transient and self._reach.others_answer(host):
            return _copied(TargetUnavailable, found, str(found))
        return found

    def close(self) -> None:
        """Downloads that are under way must have ended."""
        self._beside.close()

    def health(self) -> Health:
        """Whether files could be written now."""
        return check_health(self._config)

    def _fetch(self, job: DownloadFile, on_progress: Progress) -> Downloaded:
        *folders, file_name = segments(job.destination)
        with _opened(self._config.root, tuple(folders), file_name, self._beside) as (folder, part):
            try:
                finished = find_finished(folder, file_name, job, self._config.chunk_bytes)
                if finished is not None:
                    return _kept(part, job, finished)
                return self._delivered(part, job, on_progress)
            except Exception as error:
                self._clear_up(part, error)
                raise

    def _delivered(self, part: PartFile, job: DownloadFile, on_progress: Progress) -> Downloaded:
        delivery = Delivery(
            self._config, self._session, part, job, on_progress=on_progress, clock=self._clock, now=self._now
        )
        found = delivery.run()
        self._reach.answered(found.source.host)
        return Downloaded(job.destination, found.size_bytes, found.sha256, part.resumed_from, part.record.etag)

    def _clear_up(self, part: PartFile, error: Exception) -> None:
        """Nothing is kept of a file that is wrong, nor of one that will never be whole."""
        failures = [each for _, each in error.failures] if isinstance(error, SourcesFailed) else [error]
        wrong = [each for each in failures if isinstance(each, WrongContent)]
        if wrong and len(failures) == len(wrong):
            part.discard(mismatched=any(each.may_be_ours for each in wrong))
        elif all(
            isinstance(translated(each, provider=self._provider, where=""), Permanent) for each in failures
        ) or any(isinstance(each, FileDamaged) for each in failures):
            part.discard()


@contextmanager
def _opened(root: Path, folders: tuple[str, ...], file_name: str, beside: Beside) -> Iterator[tuple[Folder, PartFile]]:
    """The folder and its part. Another delivery that ends may remove the folder in between: then it is made again."""
    for tries_left in reversed(range(_TRIES)):
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(Folder.open(root, folders))
                part = stack.enter_context(PartFile.open(folder, file_name, beside))
            except FileNotFoundError:
                if not tries_left:
                    raise
                continue
            yield folder, part
            return


def _kept(part: PartFile, job: DownloadFile, finished: Finished) -> Downloaded:
    part.discard()
    return Downloaded(job.destination, finished.size_bytes, finished.sha256, finished.size_bytes, None)


def _quotes_an_answer(error: Exception) -> bool:
    """Whether its text may hold secrets, as that of a protocol error does."""
    return isinstance(error, httpcore.ProtocolError | SourcesFailed)


def _copied(kind: type[ProviderError], found: ProviderError, message: str) -> ProviderError:
    return kind(
        message,
        provider=found.provider,
        operation=found.operation,
        status=found.status,
        retry_after=found.retry_after,
        unreachable=found.unreachable,
        condition=found.condition,
    )
