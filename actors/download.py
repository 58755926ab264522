"""The `download` family's actor."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import dramatiq

from actors.declare import declare
from broker.current import report_progress
from leeward.download_file import DownloadFile
from leeward.extension.errors import Misconfigured
from leeward.queue_name import queue_name
from providers.downloads import Downloader

TIME_LIMIT = timedelta(hours=6)
"""Long enough for the largest default file over a slow line; what is there by then is kept for the next attempt."""


def declare_download_file(broker: dramatiq.Broker, downloaders: Mapping[str, Downloader]) -> dramatiq.Actor[..., Any]:
    """Declares the actor that brings files, with a queue for each downloader, by provider name.

    Running it again is harmless: it continues where it ended, and a complete file is not requested again. Its result:
    `path` relative to the download folder, `size_bytes`, `sha256`, `resumed_from` (bytes) and `etag`.
    """

    def download_file(job: DownloadFile) -> dict[str, Any]:
        downloader = downloaders.get(job.provider)
        if downloader is None:
            raise Misconfigured(
                f"no downloader is configured for {job.provider!r}", provider=job.provider, operation="download"
            )
        return asdict(downloader.fetch(job, report_progress))

    return declare(
        broker,
        DownloadFile,
        download_file,
        queues=[queue_name(DownloadFile.family, name) for name in downloaders],
        retry_preset="aggressive",
        unknown_outcome="rerun",
        time_limit=round(TIME_LIMIT.total_seconds() * 1000),
    )
