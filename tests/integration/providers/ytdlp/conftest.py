from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leeward.jobs.download.media import DownloadMedia
from providers.ytdlp.fetcher import Fetcher
from providers.ytdlp.settings import YtDlpSettings
from simulators.faults import Effect, Rule
from simulators.files.server import FilesSimulator


@pytest.fixture
def host() -> Iterator[FilesSimulator]:
    """A host whose page `/page` shows the film `/film.mp4`."""
    with FilesSimulator() as simulator:
        simulator.faults.set(page("/page", '<title>A film</title><video src="/film.mp4"></video>'))
        yield simulator


def page(path: str, body: str, status: int = 200) -> Rule:
    """What a host answers for a page."""
    html = f"<html>{body}</html>"
    return Rule(operation=f"* {path}", effect=Effect.STATUS, status=status, body=html, content_type="text/html")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The media folder."""
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
def connect(root: Path) -> Callable[..., Fetcher]:
    """Makes fetchers into the media folder. The simulators are on loopback."""

    def make(**settings: Any) -> Fetcher:
        return Fetcher(YtDlpSettings(**{"root": root, "allow_private": True} | settings))

    return make


@pytest.fixture
def wanted(host: FilesSimulator) -> Callable[..., DownloadMedia]:
    def make(path: str = "/page", destination: str = "Films/A film (2026)", **fields: Any) -> DownloadMedia:
        return DownloadMedia(**{"url": host.url + path, "destination": destination} | fields)

    return make
