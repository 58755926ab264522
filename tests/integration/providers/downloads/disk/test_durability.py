"""In which order a finished file is made durable and visible."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from leeward.extension.errors import Misconfigured
from leeward.jobs.download.file import DownloadFile
from providers.downloads.disk.folder import Folder
from providers.downloads.downloader import Downloader
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import own_files, part

Wanted = Callable[..., DownloadFile]
SIZE = 600_000


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced and renamed, by the kind of its file; the system calls are carried out all the same."""
    done: list[str] = []
    sync, replace = os.fsync, os.replace

    def watched_sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append("sync folder" if path.is_dir() else f"sync {path.suffix}")
        sync(descriptor)

    def watched_replace(source: str, target: str, **folders: int) -> None:
        done.append(f"rename {Path(source).suffix} to {Path(target).suffix}")
        replace(source, target, **folders)

    monkeypatch.setattr(os, "fsync", watched_sync)
    monkeypatch.setattr(os, "replace", watched_replace)
    return done


def test_a_file_is_durable_before_it_is_visible_and_its_name_before_the_job_is_done(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, steps: list[str]
) -> None:
    host.publish("/a.iso", size=SIZE)

    downloader.fetch(wanted())

    assert steps[-3:] == ["sync .part", "rename .part to .iso", "sync folder"]


def test_a_new_folder_is_durable_too(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, steps: list[str]
) -> None:
    host.publish("/a.iso", size=SIZE)

    downloader.fetch(wanted(destination="films/new/a.iso"))

    assert steps[:2] == ["sync folder", "sync folder"]


def test_a_record_is_durable_before_bytes_of_another_version_are_written(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, steps: list[str]
) -> None:
    host.publish("/a.iso", size=SIZE)

    downloader.fetch(wanted())

    assert steps[:2] == ["rename .new to .json", "sync folder"]


def test_a_disk_that_fills_up_in_mid_download_stops_it_and_keeps_what_is_there(
    host: FilesSimulator,
    connect: Callable[..., Downloader],
    wanted: Wanted,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host.publish("/a.iso", size=SIZE)
    looks = iter([2**40, 2**40])
    monkeypatch.setattr(Folder, "free_bytes", lambda _self: next(looks, 0))

    with pytest.raises(Misconfigured, match="too full"):
        connect(checkpoint_interval=timedelta()).fetch(wanted())

    assert 0 < part(root).stat().st_size < SIZE
    assert own_files(root) == ["json", "part"]
