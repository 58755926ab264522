"""A host's folder: gone with the host, or removed by the next one; never taken from anybody who lives."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workers.monitoring.host_folder import FORGOTTEN, host_folder

LONG = FORGOTTEN.total_seconds() + 60


@pytest.fixture(autouse=True)
def _own_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


HOLDER = """
import sys
from pathlib import Path
from workers.monitoring.host_folder import hold
hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def holder(folder: Path) -> "subprocess.Popen[bytes]":
    """A process that holds the folder until it is killed."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    return process


def test_a_folder_is_there_for_as_long_as_its_host(tmp_path: Path) -> None:
    with host_folder() as folder:
        assert folder.parent == tmp_path
        (folder / "counter_1.db").touch()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_host_has_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "leeward-worker-killed"
    left.mkdir()
    (left / "counter_1.db").touch()
    process = holder(left)
    with host_folder():
        assert left.exists()
    process.kill()
    process.communicate()

    with host_folder():
        assert not left.exists()


def test_a_folder_is_held_by_workers_that_outlive_their_host(tmp_path: Path) -> None:
    left = tmp_path / "leeward-worker-draining"
    left.mkdir()
    host, worker = holder(left), holder(left)
    host.kill()
    host.communicate()

    with host_folder():
        assert left.exists()
    worker.kill()
    worker.communicate()


def test_two_hosts_leave_each_other_alone() -> None:
    with host_folder() as one, host_folder() as other:
        assert one.exists()
        assert other.exists()


def _touch(folder: Path, age: float) -> None:
    os.utime(folder, (time.time() - age, time.time() - age))


def _young(_: Path) -> None:
    pass


def _alive(folder: Path) -> None:
    (folder / f"pulse-{os.getpid()}.json").touch()


def _metrics_of_the_living(folder: Path) -> None:
    (folder / f"counter_{os.getpid()}.db").touch()


@pytest.mark.parametrize(("make", "age"), [(_young, 0.0), (_alive, LONG), (_metrics_of_the_living, LONG)])
def test_a_folder_without_a_lock_stays_while_its_host_may_live(
    tmp_path: Path, make: Callable[[Path], None], age: float
) -> None:
    """One that begins right now, or one of an earlier version."""
    other = tmp_path / "leeward-worker-other"
    other.mkdir()
    make(other)
    _touch(other, age)

    with host_folder():
        assert other.exists()


def test_a_folder_without_a_lock_goes_when_nothing_has_come_for_long(tmp_path: Path) -> None:
    other = tmp_path / "leeward-worker-other"
    other.mkdir()
    (other / "pulse-999999999.json").touch()
    _touch(other, LONG)

    with host_folder():
        assert not other.exists()


def test_only_folders_of_this_name_and_this_user_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "precious"
    elsewhere.mkdir()
    (elsewhere / "lock").touch()
    (tmp_path / "leeward-worker-link").symlink_to(elsewhere)
    (tmp_path / "leeward-worker-file").touch()
    other = tmp_path / "leeward-worker-other"
    other.mkdir()
    (other / "lock").symlink_to(elsewhere / "lock")
    before = sorted(tmp_path.rglob("*"))

    with host_folder():
        pass
    assert sorted(tmp_path.rglob("*")) == before

    (other / "lock").unlink()
    (other / "lock").touch()
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    with host_folder():
        assert other.exists()


def test_hosts_that_begin_while_others_sweep_keep_their_folders() -> None:
    """A new folder whose lock is there, but not yet locked, looks like one that no process holds."""

    def begin_and_end(_: int) -> bool:
        with host_folder() as folder:
            return (folder / "lock").exists()

    with ThreadPoolExecutor(8) as hosts:
        assert all(hosts.map(begin_and_end, range(400)))
