"""The `download` family's actor."""

from dataclasses import asdict
from typing import Any

from actors.download_events import begin, complete
from leeward.extension import Extension, actor
from leeward.jobs.download.file import DownloadFile
from providers.downloads.provider import Downloads


@actor(DownloadFile, provider=Downloads, retry_preset="aggressive", unknown_outcome="rerun")
def download_file(job: DownloadFile, downloads: Downloads) -> dict[str, Any]:
    """Downloads a file. Running it again is harmless: it continues where it ended, and a complete file is not requested again.

    Its result: `path` relative to the download folder, `size_bytes`, `sha256`, `resumed_from` (bytes) and `etag`.
    """
    begin(job)
    found = downloads.fetch(job)
    complete(job, found.path, found.size_bytes)
    return asdict(found)


extension = Extension("downloads", api=1, providers=[Downloads], actors=[download_file])
