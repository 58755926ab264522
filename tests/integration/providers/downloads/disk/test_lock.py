import os
import sys
import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import pytest

from leeward.extension.errors import Busy, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.disk.folder import Folder
from providers.downloads.disk.part_lock import PartBusy, open_locked
from providers.downloads.downloader import Downloader
from simulators.faults import Effect, Rule, Stage
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, own_files, part, sha256
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

Wanted = Callable[..., DownloadFile]
SIZE = 600_000
MODULE = "tests.integration.providers.downloads.download_process"


def test_two_processes_never_write_one_destination(
    host: FilesSimulator, root: Path, start_process: Callable[..., RunningProcess]
) -> None:
    file = host.publish("/a.iso", size=SIZE)
    host.faults.set(Rule(effect=Effect.HANG, stage=Stage.DURING, after_bytes=SIZE // 2, times=1))
    command = [sys.executable, "-m", MODULE, str(root), f"{host.url}/a.iso", "a.iso"]
    first = start_process(command)
    wait_until(lambda: "has 300000" in first.output, description="the first one is half way", timeout=60)

    second = start_process(command)
    lost = second.wait_for_output("result", timeout=60)
    first.kill()
    third = start_process(command)
    won = third.wait_for_output("result", timeout=60)

    assert '"failed":"Busy"' in lost
    assert "another worker" in lost
    assert '"resumed_from":300000' in won
    assert sha256(root / "a.iso") == file.sha256()


def test_two_threads_never_write_one_destination(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE)
    host.faults.set(Rule(effect=Effect.HANG, stage=Stage.DURING, times=1))
    first = threading.Thread(target=lambda: _fails_quietly(downloader, wanted()))
    first.start()
    wait_until(lambda: own_files(root), description="the first one has begun")
    wait_until(lambda: part(root).stat().st_size == SIZE // 2, description="the first one is half way")

    with pytest.raises(Busy, match="another worker"):
        downloader.fetch(wanted())

    host.faults.reset()
    first.join()
    assert downloader.fetch(wanted()).resumed_from == SIZE // 2


def _fails_quietly(downloader: Downloader, job: DownloadFile) -> None:
    with pytest.raises(Transient):
        downloader.fetch(job)


def test_many_at_once_make_one_good_file(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    file = host.publish("/a.iso", size=SIZE)
    job = wanted(sha256=file.sha256())
    ends: list[str] = []

    def run() -> None:
        try:
            ends.append(downloader.fetch(job).sha256)
        except Busy:
            ends.append("busy")

    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(ends) <= {"busy", job.sha256}
    assert job.sha256 in ends
    assert sha256(root / "a.iso") == job.sha256
    assert len(asked(host)) == 1
    assert own_files(root) == []


class _FinishedMeanwhile(Folder):
    """A folder where, once, somebody else makes the part the real file between our opening and our locking it."""

    happened = False

    def open_file(self, name: str, flags: int) -> FileIO:
        handle = super().open_file(name, flags)
        if not self.happened:
            self.happened = True
            self.replace(name, "finished.iso")
        return handle


def test_a_lock_on_what_has_become_the_real_file_is_let_go(tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(b"the whole file")

    with _FinishedMeanwhile.open(tmp_path, ()) as folder, open_locked(folder, "x.part") as handle:
        handle.write(b"new")

    assert (tmp_path / "finished.iso").read_bytes() == b"the whole file"
    assert (tmp_path / "x.part").read_bytes() == b"new"


def test_a_lock_is_not_waited_for(tmp_path: Path) -> None:
    with Folder.open(tmp_path, ()) as folder, open_locked(folder, "x"), pytest.raises(PartBusy):
        open_locked(folder, "x")


def test_a_lock_ends_with_its_file(tmp_path: Path) -> None:
    with Folder.open(tmp_path, ()) as folder:
        open_locked(folder, "x").close()
        open_locked(folder, "x").close()


def test_a_lock_does_not_outlive_its_process_in_a_child(tmp_path: Path) -> None:
    with Folder.open(tmp_path, ()) as folder, open_locked(folder, "x") as handle:
        assert not os.get_inheritable(handle.fileno())
