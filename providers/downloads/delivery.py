"""One delivery of a job: its part is filled from whichever source brings the file, decoded, checked and published."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import DownloadConfig
from providers.downloads.decoding import decoded, is_wanted_as_sent
from providers.downloads.disk.part_file import PartFile
from providers.downloads.expectation import check_whole
from providers.downloads.intake import Intake, Progress
from providers.downloads.network.session import Session
from providers.downloads.problems import FileDamaged, WrongContent
from providers.downloads.sources import OF_ONE_SOURCE, Source, SourcesFailed, begun_first, sources_of
from providers.downloads.transfer import Target, Transfer
from providers.http_client.location import location


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was published, and where it came from."""

    size_bytes: int
    sha256: str
    source: Source


class Delivery:
    """Asks the sources in turn until one brings the file. Whatever ends it, the part can be resumed or is empty.

    Args:
        config: the settings.
        session: asks hosts.
        part: the locked part of the job's destination.
        job: what is wanted.
        on_progress: gets the bytes so far.
        clock: monotonic seconds.
        now: the present date.
    """

    def __init__(
        self,
        config: DownloadConfig,
        session: Session,
        part: PartFile,
        job: DownloadFile,
        *,
        on_progress: Progress,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._session = session
        self._part = part
        self._job = job
        self._on_progress = on_progress
        self._clock = clock
        self._now = now

    def run(self) -> Delivered:
        """Returns once the file is published.

        Raises:
            SourcesFailed: none of several sources brings it.
            Exception: what went wrong with the only source, or with the disk: see `problems`.
        """
        sources = sources_of(self._job)
        self._part.resume([each.digest for each in sources], self._job.sha256, self._config.chunk_bytes)
        if self._part.can_resume and self._job.sha256 is None:
            sources = begun_first(sources, self._part.record.source)
        failures: list[tuple[Source, Exception]] = []
        for source in sources:
            try:
                return self._from(source)
            except OF_ONE_SOURCE as error:
                if len(sources) == 1:
                    raise
                failures.append((source, error))
                self._forget_what_is_wrong(source, error)
        raise SourcesFailed(failures)

    def _forget_what_is_wrong(self, source: Source, error: Exception) -> None:
        if isinstance(error, WrongContent | FileDamaged):
            self._part.restart(source.digest)

    def _from(self, source: Source) -> Delivered:
        job, part = self._job, self._part
        target = Target(
            location(source.url),
            source.digest,
            integrity_known=job.sha256 is not None,
            is_checkable=job.sha256 is not None or job.size_bytes is not None,
        )
        intake = Intake(self._config, part, job, self._on_progress, self._clock)
        at_once = self._config.resume_at_once_bytes
        transfer = Transfer(self._session, target, part, intake, self._now, resume_at_once_bytes=at_once)
        try:
            transfer.run()
            size, sha256 = self._checked(intake)
        except WrongContent as error:
            error.may_be_ours = self._deserves_another_try(transfer)
            raise
        part.finish()
        return Delivered(size, sha256, source)

    def _checked(self, intake: Intake) -> tuple[int, str]:
        """The size and the checksum of what will be published."""
        job, part = self._job, self._part
        size, sha256, record = part.size, part.sha256(), part.record
        if job.sha256 is None and record.digest not in (None, sha256):
            raise FileDamaged(f"has the SHA-256 {sha256}, while its host names {record.digest}")
        if record.coding and not is_wanted_as_sent(job, record.coding, size=size, sha256=sha256):
            size, sha256 = part.replace_by(self._plain(intake))
        check_whole(job, size, sha256)
        return size, sha256

    def _plain(self, intake: Intake) -> Iterator[bytes]:
        part: Iterable[bytes] = self._part.pieces(self._config.chunk_bytes)
        return decoded(
            part, self._part.record.coding, self._job, sent_bytes=self._part.size, check_disk=intake.check_disk
        )

    def _deserves_another_try(self, transfer: Transfer) -> bool:
        """Whether wrong content may come from a file that was replaced while it was fetched, or from putting pieces together.

        Such a file is fetched again once; the same version that is wrong a second time is wrong.
        """
        record = self._part.record
        if record.mismatched:
            return record.wrong is not None and record.wrong != record.identity
        if record.pieced or record.replaced:
            return True
        try:
            return transfer.brings_another_version()
        except Exception:  # then the host's version is not known, and the checksum decides
            return False
