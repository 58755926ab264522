"""Brings one job's film into the media folder."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leeward.extension.calls import Calls
from leeward.extension.errors import Busy, Misconfigured, Permanent, ProviderError, TargetUnavailable, Transient
from leeward.jobs.download.media import DownloadMedia
from providers.downloads.disk import refusal
from providers.downloads.disk.destination import DestinationRefused, segments
from providers.downloads.disk.folder import Folder
from providers.downloads.disk.part_lock import PartBusy
from providers.http_client.location import shown
from providers.ytdlp.arguments import COOKIES, NAME, arguments
from providers.ytdlp.child.order import Order
from providers.ytdlp.failures import failure
from providers.ytdlp.health import media_folder_problem
from providers.ytdlp.output import Finished, Item, report
from providers.ytdlp.process import YtDlpProcess, started
from providers.ytdlp.records import Record
from providers.ytdlp.settings import YtDlpSettings
from providers.ytdlp.watch import Watch
from providers.ytdlp.workspace import Workspace, source_digest

_EXTENSION = re.compile(r"\.[a-z0-9]{1,12}")
_LONGEST_EXTENSION = ".123456789012"


@dataclass(frozen=True, slots=True)
class Media:
    """A film that is where its job wants it, complete.

    Attributes:
        path: relative to the media folder, with its extension.
        kept: whether an earlier delivery had brought it, so that nothing was requested.
        media_id, title, extractor, duration_seconds: what yt-dlp found out; None: unknown.
    """

    path: str
    size_bytes: int
    kept: bool
    media_id: str | None
    title: str | None
    extractor: str | None
    duration_seconds: float | None


class Fetcher:
    """Safe to use from any number of threads, processes and machines on one folder.

    Args:
        settings: the instance's.
        call: measures its downloads.
        clock: monotonic seconds.
    """

    def __init__(
        self, settings: YtDlpSettings, call: Calls | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._call = call or Calls()
        self._clock = clock

    def fetch(self, job: DownloadMedia) -> Media:
        """Downloads the film, from where an earlier delivery ended. Idempotent: what this job has brought before is not requested again
        within `keep_parts`, as long as it is there.

        Raises:
            Transient: the host fails or is silent, or the attempt took too long.
            Busy: another worker is at it.
            RateLimited: the host asks for patience.
            TargetUnavailable: this page for now: a broadcast that has not ended, links that have expired, a page that this yt-dlp does
                not understand; or this destination: a folder on the way to it may not be written to.
            Misconfigured: the disk is full, the media folder is missing, yt-dlp or ffmpeg is missing.
            Permanent: this job will never succeed. Nothing is kept of it.
        """
        where = shown(job.url)
        with self._call("download"):
            try:
                return self._fetch(job, where)
            except (DestinationRefused, PartBusy, OSError) as error:
                raise self._meaning(error, where) from error

    def _meaning(self, error: DestinationRefused | PartBusy | OSError, where: str) -> ProviderError:
        """What goes wrong around yt-dlp."""
        if isinstance(error, DestinationRefused):
            return Permanent(f"{where}: {error}")
        if isinstance(error, PartBusy):
            return Busy(f"{where}: another worker is at this destination")
        kind, words = refusal.meaning(
            error, "the media folder", is_well=lambda: media_folder_problem(self._settings) is None
        )
        return kind(f"{where}: {words}")

    def _fetch(self, job: DownloadMedia, where: str) -> Media:
        segments(job.destination + _LONGEST_EXTENSION)
        with Workspace.open(self._settings.root, job.destination) as work:
            record = self._record(work, job)
            if record.published and self._is_there(record):
                return _media(record, kept=True)
            if not record.file:
                try:
                    record = self._downloaded(work, job, record, where)
                except Permanent:
                    work.clear()
                    raise
            return _media(self._published(work, job, record), kept=False)

    def _record(self, work: Workspace, job: DownloadMedia) -> Record:
        source = source_digest(job)
        known = Record.read(work.folder)
        if known is not None and known.source == source:
            is_whole = bool(known.file) and (work.path / known.file).is_file()
            return known if is_whole or known.published else Record(source=source, facts={})
        work.clear()
        fresh = Record(source=source, facts={})
        fresh.write(work.folder)
        return fresh

    def _is_there(self, record: Record) -> bool:
        *folders, name = segments(record.published)
        with Folder.open(self._settings.root, tuple(folders)) as folder:
            found = folder.status(name)
        return found is not None and found.st_size == record.size_bytes

    def _downloaded(self, work: Workspace, job: DownloadMedia, record: Record, where: str) -> Record:
        watch = Watch(
            where,
            work,
            size_limit_bytes=job.size_limit_bytes,
            reserve_bytes=self._settings.free_disk_reserve_bytes,
            stall_timeout=self._settings.stall_timeout,
            timeout=self._settings.timeout,
            clock=self._clock,
        )
        watch.look()
        with started(self._order(work, job), lock=work.lock) as process:
            item, file = _followed(process, watch)
            code = process.end()
        if code != 0 or file is None:
            raise failure(code, process.errors, where)
        name = _complete(work, file.path, where, job.size_limit_bytes)
        whole = Record(source=record.source, file=name, facts=_facts(item))
        whole.write(work.folder)
        return whole

    def _order(self, work: Workspace, job: DownloadMedia) -> Order:
        if self._settings.cookies_file is not None:
            _take_along(self._settings.cookies_file, work.path / COOKIES)
        proxy = self._settings.proxy_address()
        return Order(
            arguments=arguments(job, self._settings, work.path),
            folder=work.path,
            allow_private=self._settings.allow_private,
            proxy=None if proxy is None else (proxy.host, proxy.port),
            ca_file=self._settings.ca_file,
        )

    def _published(self, work: Workspace, job: DownloadMedia, record: Record) -> Record:
        published = job.destination + Path(record.file).suffix
        size = work.publish(record.file, self._settings.root, published)
        done = Record(source=record.source, published=published, size_bytes=size, facts=record.facts)
        done.write(work.folder)
        work.clear()
        return done


def _take_along(cookies: Path, copy: Path) -> None:
    try:
        session = cookies.read_bytes()
    except OSError as error:
        said = f"the file of the setting `cookies_file` cannot be read ({error.strerror})"
        raise Misconfigured(f"{said}; write it again, for the worker's user to read") from error
    # A session is a secret, and the media folder is for others to read. yt-dlp writes to it without replacing it.
    copy.touch(mode=0o600)
    copy.write_bytes(session)


def _followed(process: YtDlpProcess, watch: Watch) -> tuple[Item | None, Finished | None]:
    """Reads to the end of the process: what was found, and the file that was announced last."""
    item: Item | None = None
    file: Finished | None = None
    for line in process.lines():
        heard = None if line is None else report(line)
        if heard is not None:
            watch.heard(heard)
        watch.look()
        item = heard if isinstance(heard, Item) else item
        file = heard if isinstance(heard, Finished) else file
    return item, file


def _complete(work: Workspace, path: Path, where: str, size_limit_bytes: int) -> str:
    """The name of a file that yt-dlp says is complete: in the work folder, of our name and with an extension that can be published."""
    file = work.path / path.name
    if path.stem != NAME or not _EXTENSION.fullmatch(path.suffix) or file.is_symlink() or not file.is_file():
        raise TargetUnavailable(f"{where}: yt-dlp reports a file that is not there")
    size = file.stat().st_size
    if size == 0:
        raise Transient(f"{where}: the file is empty")
    if size > size_limit_bytes:
        raise Permanent(f"{where}: has {size} bytes, more than the job's size_limit_bytes")
    return path.name


def _facts(item: Item | None) -> Mapping[str, Any]:
    return {
        "media_id": item and item.media_id,
        "title": item and item.title,
        "extractor": item and item.extractor,
        "duration_seconds": item and item.duration_seconds,
    }


def _media(record: Record, *, kept: bool) -> Media:
    return Media(path=record.published, size_bytes=record.size_bytes, kept=kept, **record.facts)
