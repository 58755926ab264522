"""One holder per directory, for as long as any process has the descriptor."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from leeward.embedded.directory_lock import DirectoryInUse, lock_directory
from tests.support.waiting import wait_until


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first = lock_directory(tmp_path)
    with pytest.raises(DirectoryInUse, match="stop that one, or choose another folder") as refused:
        lock_directory(tmp_path)
    assert refused.value.directory == tmp_path

    os.close(first)

    os.close(lock_directory(tmp_path))


def test_a_child_keeps_the_lock_after_we_let_go(tmp_path: Path) -> None:
    lock = lock_directory(tmp_path)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock,)) as child:
        os.close(lock)
        with pytest.raises(DirectoryInUse):
            lock_directory(tmp_path)

        child.kill()

        os.close(lock_directory(tmp_path, patience=timedelta(seconds=10)))


def test_patience_waits_for_the_holder_to_end(tmp_path: Path) -> None:
    lock = lock_directory(tmp_path)
    with subprocess.Popen(["sleep", "0.2"], pass_fds=(lock,)) as child:
        os.close(lock)

        os.close(lock_directory(tmp_path, patience=timedelta(seconds=10)))

        wait_until(lambda: child.poll() is not None, description="the child, which had ended, to be collected")
