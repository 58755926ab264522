"""`python -m tests.integration.providers.downloads.download_process FOLDER URL DESTINATION`: one delivery in a process of its own."""

import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import orjson

from leeward.extension.errors import ProviderError
from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import DownloadConfig
from providers.downloads.downloader import Downloader


def main() -> None:
    folder, url, destination = sys.argv[1:]
    config = DownloadConfig(
        root=Path(folder),
        allow_private_addresses=True,
        checkpoint_interval=timedelta(),
        progress_interval=timedelta(),
    )
    try:
        job = DownloadFile(url=url, destination=destination)
        found = asdict(Downloader(config).fetch(job, lambda done, _: say(f"has {done}")))
    except ProviderError as error:
        found = {"failed": type(error).__name__, "message": str(error)}
    say("result " + orjson.dumps(found).decode())


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
