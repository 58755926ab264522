"""The hosts that files come from, all under one name, as the fleet knows them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from leeward.extension import Guards, Health, Provider, report_progress
from leeward.jobs.download.file import DownloadFile
from providers.downloads.settings import DownloadSettings
from providers.downloads.sweeper import Sweeper

if TYPE_CHECKING:
    from providers.downloads.downloader import Downloaded


class Downloads(Provider[DownloadSettings], type="http"):
    """A download folder, and whatever host a job names."""

    # One host that is down, or asks for patience, must not stop the others.
    guards: ClassVar[Guards] = {"limit": 2, "observe": True, "hold": False}
    variable_prefix = "DOWNLOAD"
    variables: ClassVar[Mapping[str, str]] = {"keep_parts": "KEEP_PARTS"}

    def longest_call(self) -> timedelta:
        return self.settings.timeout

    def open(self) -> None:
        from providers.downloads.downloader import (
            Downloader,  # the HTTP client: not for a worker that downloads nothing
        )

        self._downloader = Downloader(self.settings.config(), provider=self.name, call=self.context.call)
        self._sweeper = Sweeper(self.settings.root, self.settings.keep_parts)
        self._sweeper.start()

    def close(self) -> None:
        self._sweeper.stop()
        self._downloader.close()

    def health(self) -> Health:
        return self._downloader.health()

    def fetch(self, job: DownloadFile) -> "Downloaded":
        """See `Downloader.fetch`."""
        return self._downloader.fetch(job, report_progress)
