from collections.abc import Callable
from pathlib import Path

import pytest

from leeward.extension.errors import Misconfigured, Permanent, TargetUnavailable, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from simulators.files.content import sha256_of
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, own_files, part, sha256

Wanted = Callable[..., DownloadFile]
SIZE = 600_000
LARGE = 50_000_000


def test_a_wrong_checksum_of_a_fresh_file_is_final(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE)

    with pytest.raises(Permanent, match="SHA-256"):
        downloader.fetch(wanted(sha256="0" * 64))

    assert list(root.iterdir()) == []


def test_a_wrong_checksum_of_a_continued_file_gets_one_fresh_download(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE, close_after_bytes=SIZE // 2)
    job = wanted(sha256=sha256_of("0", SIZE))
    with pytest.raises(Transient):
        downloader.fetch(job)
    with part(root).open("r+b") as handle:
        handle.write(b"damaged on our disk")
    host.publish("/a.iso", size=SIZE)

    with pytest.raises(TargetUnavailable, match="afresh"):
        downloader.fetch(job)
    found = downloader.fetch(job)

    assert found.resumed_from == 0
    assert sha256(root / "a.iso") == job.sha256
    assert own_files(root) == []
    assert asked(host)[1:] == [(f"bytes={SIZE // 2}-", 206), (None, 200)]


def test_a_second_wrong_checksum_is_final_even_when_the_file_was_continued_again(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    job = wanted(sha256="0" * 64)
    for message in ("afresh", "SHA-256"):
        host.publish("/a.iso", size=SIZE, close_after_bytes=SIZE // 2)
        with pytest.raises(Transient, match="ended early"):
            downloader.fetch(job)
        host.publish("/a.iso", size=SIZE)
        with pytest.raises(TargetUnavailable if message == "afresh" else Permanent, match=message):
            downloader.fetch(job)

    assert list(root.iterdir()) == []


def test_a_file_that_is_announced_too_large_is_refused_before_its_body(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=LARGE)

    with pytest.raises(Permanent, match="more than the job's limit of 1000"):
        downloader.fetch(wanted(size_limit_bytes=1000))

    assert list(root.iterdir()) == []


def test_a_file_that_grows_too_large_is_stopped(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=LARGE, framing="chunked")
    told: list[int] = []

    with pytest.raises(Permanent, match="limit"):
        downloader.fetch(wanted(size_limit_bytes=SIZE), lambda done, _: told.append(done))

    assert max(told) <= SIZE
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("expected", [SIZE - 1, SIZE + 1])
def test_an_announced_size_that_is_not_the_expected_one_is_final(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, expected: int
) -> None:
    host.publish("/a.iso", size=SIZE)

    with pytest.raises(Permanent, match=f"{SIZE} bytes instead of {expected}"):
        downloader.fetch(wanted(size_bytes=expected))

    assert list(root.iterdir()) == []


@pytest.mark.parametrize("expected", [SIZE - 1, SIZE + 1])
def test_a_size_that_was_not_announced_is_checked_as_well(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, expected: int
) -> None:
    host.publish("/a.iso", size=SIZE, framing="chunked")

    with pytest.raises(Permanent):
        downloader.fetch(wanted(size_bytes=expected))

    assert list(root.iterdir()) == []


def test_a_body_that_ends_with_the_connection_too_early_is_noticed_by_its_size(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE, framing="close", close_after_bytes=SIZE // 2)

    with pytest.raises(Permanent, match="instead of"):
        downloader.fetch(wanted(size_bytes=SIZE))

    assert not (root / "a.iso").exists()


def test_a_file_that_would_fill_the_disk_is_not_begun(
    host: FilesSimulator, connect: Callable[..., Downloader], wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE)

    with pytest.raises(Misconfigured, match="too full"):
        connect(free_disk_reserve_bytes=2**62).fetch(wanted())

    assert list(root.iterdir()) == []
