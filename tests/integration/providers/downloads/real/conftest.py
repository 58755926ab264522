import gzip
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from leeward.extension.errors import Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from tests.integration.providers.downloads.on_disk import part
from tests.support.real_servers.program import open_folder
from tests.support.real_servers.tls import Tls

SIZE = 6_000_000
LONG_AGO = 1_500_000_000
"""Of a modification, in seconds since 1970: old enough for its date to be a strong validator."""


@dataclass(frozen=True)
class Site:
    """A folder of files for real servers."""

    folder: Path
    files: Path
    tls: Tls

    def write(self, name: str, content: bytes, *, modified: int = LONG_AGO) -> str:
        """Puts a file there in one step, and returns its SHA-256."""
        fresh = self.files / f"{name}.new"
        fresh.write_bytes(content)
        fresh.chmod(0o644)
        os.utime(fresh, (modified, modified))
        fresh.rename(self.files / name)
        return hashlib.sha256(content).hexdigest()


def content(seed: int) -> bytes:
    return hashlib.sha256(str(seed).encode()).digest() * (SIZE // 32)


@pytest.fixture(scope="session")
def tls() -> Iterator[Tls]:
    with open_folder() as folder:
        yield Tls.make(folder)


@pytest.fixture
def site(tls: Tls) -> Iterator[Site]:
    with open_folder() as folder:
        made = Site(folder, folder / "files", tls)
        made.files.mkdir(mode=0o755)
        made.write("a.bin", content(1))
        made.write("text.txt", b"a line\n" * 1000)
        made.write("text.txt.gz", gzip.compress(b"a line\n" * 1000))
        yield made


@pytest.fixture
def begin(connect: Callable[..., Downloader], root: Path) -> Callable[..., int]:
    """Begins a job's file, gives it up after its first piece as too slow, and returns how many bytes are there."""

    def until_given_up(job: DownloadFile, **options: Any) -> int:
        hasty = connect(minimum_bytes_per_second=10**15, speed_window=timedelta(microseconds=1), **options)
        with pytest.raises(Transient, match="bytes per second"):
            hasty.fetch(job)
        begun = part(root).stat().st_size
        assert 0 < begun < SIZE
        return begun

    return until_given_up
