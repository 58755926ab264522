"""The pages that media come from, all under one name, as the fleet knows them."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from leeward.extension import Guards, Health, Provider
from leeward.jobs.download.media import DownloadMedia
from providers.downloads.sweeper import Sweeper
from providers.ytdlp.settings import YtDlpSettings

if TYPE_CHECKING:
    from providers.ytdlp.fetcher import Media

_AROUND = timedelta(minutes=5)
"""For what is done before and after yt-dlp: a file system may copy slowly."""


class YtDlp(Provider[YtDlpSettings], type="ytdlp"):
    """A media folder, and whatever page a job names."""

    # One page that is down, or asks for patience, must not stop the others.
    guards: ClassVar[Guards] = {"limit": 2, "observe": True, "hold": False}

    def longest_call(self) -> timedelta:
        return self.settings.timeout + _AROUND

    def open(self) -> None:
        from providers.ytdlp.fetcher import Fetcher  # not for a worker that downloads nothing
        from providers.ytdlp.sweep import sweep

        self._fetcher = Fetcher(self.settings, self.context.call)
        self._sweeper = Sweeper(self.settings.root, self.settings.keep_parts, sweep=sweep)
        self._sweeper.start()

    def close(self) -> None:
        self._sweeper.stop()

    def health(self) -> Health:
        from providers.ytdlp.health import check_health

        return check_health(self.settings, datetime.now(UTC))

    def fetch(self, job: DownloadMedia) -> "Media":
        """See `Fetcher.fetch`."""
        return self._fetcher.fetch(job)
