"""One Plex server's library, made to look at its folders."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from leeward.extension.errors import TargetUnavailable
from providers.plex.coalescing import Coalescing
from providers.plex.content import Section
from providers.plex.sections import check_path, named
from providers.plex.server import Server
from providers.plex.settings import PlexSettings

_TURNS = 2
"""A job may wait for one scan to end before its own begins."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan came to.

    Attributes:
        sections: their titles.
        finished: whether its end was seen; not, where the job did not want to wait.
        shared: another job's scan, that began after this one asked, was this one's too.
    """

    sections: tuple[str, ...]
    finished: bool
    shared: bool = False


class Library:
    """Thread-safe.

    Args:
        server: does the calls.
        settings: how long scans may take.
        pause: waits between two looks; it may raise to end the job.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        server: Server,
        settings: PlexSettings,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._settings = settings
        self._pause = pause
        self._clock = clock
        self._scans = Coalescing()

    def refresh(self, section: str | None, path: str | None, *, wait: bool) -> Scanned:
        """Has a section scanned, or all of them, or one folder of one.

        A scan has no id. It is over when its section says so that said before that it is refreshing, or that was scanned since. One that is
        running when this is called may have passed what is new: its end is awaited, and another asked for.

        Raises:
            TargetUnavailable: the scan has not ended within `scan_timeout`.
            Permanent: there is no such section, or the path is not in it.
            ProviderError: any other class of failure; see `providers.plex.answers`.
        """
        known = self._server.sections()
        wanted = known if section is None else [named(known, section)]
        if path is not None:
            check_path(wanted[0], path)
        titles, keys = tuple(one.title for one in wanted), tuple(one.key for one in wanted)
        if not wait:
            self._ask(wanted, path)
            return Scanned(titles, finished=False)
        did = self._scans.run(
            (keys, path), lambda: self._scan(keys, path), at_most=self._settings.scan_timeout * _TURNS
        )
        return Scanned(titles, finished=True, shared=not did)

    def _scan(self, keys: Sequence[str], path: str | None) -> None:
        ends_at = self._clock() + self._settings.scan_timeout.total_seconds()
        before = self._until(keys, lambda one: not one.is_refreshing, ends_at)
        self._ask(before, path)
        asked_at = self._clock()
        self._until(keys, _Ended(before, asked_at + self._settings.scan_start.total_seconds(), self._clock), ends_at)

    def _ask(self, wanted: Sequence[Section], path: str | None) -> None:
        for section in wanted:
            self._server.refresh(section, path)

    def _until(self, keys: Sequence[str], ended: Callable[[Section], bool], ends_at: float) -> list[Section]:
        """The sections, as soon as all have ended. One that was deleted meanwhile has."""
        every = self._settings.poll_every.total_seconds()
        while True:
            now = [one for one in self._server.sections() if one.key in keys]
            waiting = [one.title for one in now if not ended(one)]
            if not waiting:
                return now
            if self._clock() + every > ends_at:
                raise self._still_scanning(waiting)
            self._pause(every)

    def _still_scanning(self, waiting: Sequence[str]) -> TargetUnavailable:
        after = timedelta(seconds=round(self._settings.scan_timeout.total_seconds()))
        message = f"the scan of {', '.join(waiting)} has not ended after {after}; name a path, or raise scan_timeout"
        return TargetUnavailable(message)


class _Ended:
    """Whether the scan of a section is over that was asked for."""

    def __init__(self, before: Sequence[Section], begins_by: float, clock: Callable[[], float]) -> None:
        self._scanned_at = {one.key: one.scanned_at for one in before}
        self._begins_by = begins_by
        self._clock = clock
        self._begun: set[str] = set()

    def __call__(self, section: Section) -> bool:
        if section.is_refreshing:
            self._begun.add(section.key)
            return False
        has_run = section.key in self._begun or section.scanned_at != self._scanned_at.get(section.key)
        return has_run or self._clock() >= self._begins_by  # a small one may be over between two looks
