"""What refused and dead downloads leave goes; what is in use, or somebody else's, stays."""

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leeward.extension.errors import Permanent, ProviderError, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.disk.beside import Beside
from providers.downloads.disk.destination import MADE_NAME, part_name, record_name
from providers.downloads.disk.folder import Folder
from providers.downloads.disk.part_file import PartFile
from providers.downloads.disk.sweep import sweep
from providers.downloads.downloader import Downloader
from providers.downloads.sweeper import Sweeper
from simulators.faults import Effect, Rule
from simulators.files.server import FilesSimulator
from tests.support.examples import examples
from tests.support.waiting import wait_until

Wanted = Callable[..., DownloadFile]
WEEK = timedelta(days=7)
SIZE = 600_000


def later() -> datetime:
    return datetime.now(UTC) + WEEK + timedelta(hours=1)


def tree(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


@pytest.mark.parametrize("status", [404, 500])
def test_a_refused_download_leaves_no_folder(
    status: int, host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    (root / "films").mkdir()
    host.faults.set(Rule(effect=Effect.STATUS, status=status))

    with pytest.raises(ProviderError):
        downloader.fetch(wanted(destination="films/a/b/c.iso"))

    assert tree(root) == {"films"}


def test_a_folder_with_something_in_it_stays_and_carries_no_mark(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=10)
    downloader.fetch(wanted(destination="films/a/a.iso"))
    host.faults.set(Rule(effect=Effect.STATUS, status=404))
    with pytest.raises(Permanent):
        downloader.fetch(wanted(destination="films/a/other/b.iso"))

    assert tree(root) == {"films", "films/a", "films/a/a.iso"}
    assert sweep(root, older_than=WEEK, now=later()).folders == 0


def test_an_unfinished_download_goes_after_its_time_and_its_folders_with_it(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE, close_after_bytes=SIZE // 2)
    with pytest.raises(Transient):
        downloader.fetch(wanted(destination="films/a/a.iso"))
    before = tree(root)
    sweep(root, older_than=WEEK, now=datetime.now(UTC))
    assert tree(root) == before

    swept = sweep(root, older_than=WEEK, now=later())

    assert (swept.files, swept.folders) == (1, 2)
    assert tree(root) == set()


def test_a_part_in_use_stays_however_old_it_is(root: Path) -> None:
    with Folder.open(root, ("films",)) as folder, PartFile.open(folder, "a.iso", Beside()):
        sweep(root, older_than=WEEK, now=later())

        assert tree(root) == {"films", f"films/{MADE_NAME}", f"films/{part_name('a.iso')}"}


def test_a_mark_beside_something_published_goes(root: Path) -> None:
    (root / "films").mkdir()
    for name in ("a.iso", MADE_NAME):
        (root / "films" / name).write_bytes(b"")

    sweep(root, older_than=WEEK, now=later())

    assert tree(root) == {"films", "films/a.iso"}


def test_notes_and_torn_records_without_a_part_go(root: Path) -> None:
    for name in (record_name("a"), record_name("b") + ".new"):
        (root / name).write_bytes(b"{}")

    assert sweep(root, older_than=WEEK, now=later()).files == 2
    assert tree(root) == set()


def test_what_is_not_the_fleets_stays_and_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / part_name("a")).write_bytes(b"x")
    (root / "link").symlink_to(outside)
    (root / part_name("b")).symlink_to(outside / part_name("a"))
    (root / "empty").mkdir()
    (root / "a.part").write_bytes(b"x")
    os.mkfifo(root / part_name("c"))
    before = tree(root)

    sweep(root, older_than=WEEK, now=later())

    assert tree(root) == before
    assert (outside / part_name("a")).exists()


def test_deliveries_that_make_and_remove_the_same_folder_do_not_hinder_each_other(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=10)
    failures: list[BaseException] = []

    def deliver(number: int) -> None:
        for turn in range(10):
            path = "/a.iso" if number % 2 else "/missing"
            try:
                downloader.fetch(wanted(path, destination=f"films/{turn}/{number}.iso"))
            except Permanent:
                continue
            except BaseException as error:
                failures.append(error)

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    sweep(root, older_than=WEEK, now=later())  # takes away a mark that such a race may leave
    files = {f"films/{turn}/{number}.iso" for turn in range(10) for number in (1, 3, 5)}
    assert tree(root) == files | {"films"} | {f"films/{turn}" for turn in range(10)}


NAMES = st.sampled_from(
    ["a", "b", MADE_NAME, part_name("a"), record_name("a"), record_name("a") + ".new", ".leeward-x"]
)


@settings(max_examples=examples(60), deadline=None)
@given(paths=st.lists(st.lists(NAMES, min_size=1, max_size=3), max_size=6))
def test_a_sweep_never_removes_a_file_that_is_not_the_fleets(
    paths: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("swept")
    for path in paths:
        target = root.joinpath(*path)
        if not any(parent.is_file() for parent in target.parents) and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(b"x")
    others = {path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".leeward-")}

    sweep(root, older_than=WEEK, now=later())
    sweep(root, older_than=WEEK, now=later())

    assert all(path.exists() for path in others)
    assert not [path for path in root.rglob(".leeward-*.part") if path.is_file()]


def test_a_sweeper_begins_at_once_and_outlives_a_missing_folder(root: Path, tmp_path: Path) -> None:
    (root / part_name("a")).write_bytes(b"x")
    sweepers = [Sweeper(folder, WEEK, now=later) for folder in (tmp_path / "missing", root)]
    for sweeper in sweepers:
        sweeper.start()

    wait_until(lambda: tree(root) == set(), description="the part to be swept")

    for sweeper in sweepers:
        sweeper.stop()
