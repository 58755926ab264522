import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from leeward.extension.errors import Misconfigured, Permanent, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.disk.destination import part_name, record_name
from providers.downloads.downloader import Downloader
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, own_files, sha256

Wanted = Callable[..., DownloadFile]
SIZE = 100_000


@pytest.fixture(autouse=True)
def _published(host: FilesSimulator) -> None:
    host.publish("/a.iso", size=SIZE)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the download folder."""
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("destination", ["../a.iso", "/tmp/a.iso", "x/../../a.iso", ".leeward-x/a.iso"])
def test_a_destination_outside_the_folder_is_refused_without_a_request(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, destination: str
) -> None:
    with pytest.raises(Permanent, match="give a relative path"):
        downloader.fetch(wanted(destination=destination))

    assert asked(host) == []


def test_a_link_on_the_way_is_not_followed(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, outside: Path
) -> None:
    (root / "films").symlink_to(outside)

    with pytest.raises(Permanent, match="a link or a file"):
        downloader.fetch(wanted(destination="films/a.iso"))

    assert list(outside.iterdir()) == []
    assert asked(host) == []


def test_a_link_at_the_destination_is_neither_followed_nor_replaced(
    downloader: Downloader, wanted: Wanted, root: Path, outside: Path
) -> None:
    (outside / "kept").write_bytes(b"kept")
    (root / "a.iso").symlink_to(outside / "kept")

    with pytest.raises(Permanent, match="no regular file"):
        downloader.fetch(wanted())

    assert (outside / "kept").read_bytes() == b"kept"
    assert own_files(root) == []


@pytest.mark.parametrize("own_name", [part_name("a.iso"), record_name("a.iso"), f"{record_name('a.iso')}.new"])
def test_a_link_in_place_of_our_own_files_is_not_followed(
    downloader: Downloader, wanted: Wanted, root: Path, outside: Path, own_name: str
) -> None:
    (outside / "kept").write_bytes(b"kept")
    (root / own_name).symlink_to(outside / "kept")

    with pytest.raises(Permanent, match="no regular file"):
        downloader.fetch(wanted())

    assert (outside / "kept").read_bytes() == b"kept"
    assert not (root / "a.iso").exists()


def test_a_folder_that_becomes_a_link_in_mid_download_gets_nothing_from_elsewhere(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, outside: Path
) -> None:
    (root / "films").mkdir()

    def swap(done: int, _total: int | None) -> None:
        if done == 0:
            (root / "films").rename(root / "moved")
            (root / "films").symlink_to(outside)

    found = downloader.fetch(wanted(destination="films/a.iso"), swap)

    assert list(outside.iterdir()) == []
    assert sha256(root / "moved" / "a.iso") == found.sha256


def test_a_folder_is_never_overwritten(downloader: Downloader, wanted: Wanted, root: Path) -> None:
    (root / "a.iso").mkdir()

    with pytest.raises(Permanent, match="no regular file"):
        downloader.fetch(wanted())

    assert own_files(root) == []


def test_a_file_in_place_of_a_folder_is_not_replaced(downloader: Downloader, wanted: Wanted, root: Path) -> None:
    (root / "films").write_bytes(b"kept")

    with pytest.raises(Permanent, match="a link or a file"):
        downloader.fetch(wanted(destination="films/a.iso"))

    assert (root / "films").read_bytes() == b"kept"


def test_a_pipe_in_place_of_the_part_stops_nobody(downloader: Downloader, wanted: Wanted, root: Path) -> None:
    os.mkfifo(root / part_name("a.iso"))

    with pytest.raises(Permanent, match="no regular file"):
        downloader.fetch(wanted())


def test_a_missing_download_folder_is_for_the_operator(
    connect: Callable[..., Downloader], wanted: Wanted, root: Path
) -> None:
    with pytest.raises(Misconfigured, match="No such file or directory"):
        connect(root=root / "missing").fetch(wanted())

    assert not (root / "missing").exists()


def test_the_download_folder_itself_may_be_a_link(
    connect: Callable[..., Downloader], wanted: Wanted, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(root)

    connect(root=tmp_path / "link").fetch(wanted())

    assert (root / "a.iso").stat().st_size == SIZE


def test_the_longest_possible_name_can_be_written(downloader: Downloader, wanted: Wanted, root: Path) -> None:
    downloader.fetch(wanted(destination="x" * 255))

    assert (root / ("x" * 255)).stat().st_size == SIZE


def test_a_new_file_has_the_rights_that_the_umask_leaves(downloader: Downloader, wanted: Wanted, root: Path) -> None:
    before = os.umask(0o027)
    try:
        downloader.fetch(wanted(destination="films/a.iso"))
    finally:
        os.umask(before)

    assert (root / "films" / "a.iso").stat().st_mode & 0o777 == 0o640
    assert (root / "films").stat().st_mode & 0o777 == 0o750


def test_what_a_crash_left_of_a_half_written_record_is_cleared_up(
    downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    downloader.fetch(wanted(size_bytes=SIZE))
    (root / f"{record_name('a.iso')}.new").write_bytes(b'{"version":1,"sou')

    downloader.fetch(wanted(size_bytes=SIZE))

    assert own_files(root) == []


def test_a_failure_without_a_byte_leaves_nothing_behind(downloader: Downloader, root: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/a"
        with pytest.raises(Transient):
            downloader.fetch(DownloadFile(url=url, destination="a"))

    assert list(root.iterdir()) == []


def test_a_folder_that_can_be_written_is_healthy(downloader: Downloader) -> None:
    assert downloader.health().ok


def test_a_missing_or_full_folder_is_not_healthy(connect: Callable[..., Downloader], root: Path) -> None:
    missing, full = connect(root=root / "missing").health(), connect(free_disk_reserve_bytes=2**62).health()

    assert (missing.ok, full.ok) == (False, False)
    assert "cannot be opened" in missing.detail
    assert "stay free" in full.detail
