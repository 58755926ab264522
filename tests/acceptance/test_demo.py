"""The demonstration as a stranger runs it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import ROOT, RunningProcess
from tests.support.waiting import wait_until

LEEWARD = Path(sys.executable).with_name("leeward")
LONG = 300.0

pytestmark = pytest.mark.timeout(2 * LONG)


@pytest.fixture(scope="module", autouse=True)
def producers_environment() -> None:
    subprocess.run([sys.executable, ROOT / "script" / "environment.py", "producer"], check=True)


@pytest.fixture
def temporary_files(tmp_path: Path) -> Path:
    """Where the demonstration puts everything, in a path with a space."""
    folder = tmp_path / "temporary files"
    folder.mkdir()
    for path in (folder, *folder.parents[:3]):  # as root, PostgreSQL may have to run as somebody else
        if path.owner() == "root" and os.geteuid() == 0:
            path.chmod(path.stat().st_mode | 0o011)
    return folder


@pytest.fixture
def running(tmp_path: Path, temporary_files: Path) -> Iterator[RunningProcess]:
    """`leeward demo --quick --stay`, without a terminal."""
    env = {"TMPDIR": str(temporary_files), "TERM": "dumb"}
    process = RunningProcess([LEEWARD, "demo", "--quick", "--stay"], log=tmp_path / "demo.log", env=env)
    yield process
    process.clean_up()


def of_ours(folder: Path) -> list[str]:
    """The commands of processes that have to do with a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in command + environment and entry.name != str(os.getpid()):
            found.append(command.replace(b"\0", b" ").decode())
    return found


def test_the_quick_demo_ends_with_a_ledger_in_which_every_number_is_right(temporary_files: Path) -> None:
    env = {name: text for name, text in os.environ.items() if not name.startswith("LEEWARD_")}
    # What the person who watches has configured is not touched.
    env |= {"TMPDIR": str(temporary_files), "LEEWARD_VALKEY_URL": "redis://127.0.0.1:1/0"}

    done = subprocess.run(
        [LEEWARD, "demo", "--quick", "--json"], env=env, capture_output=True, text=True, timeout=LONG, check=False
    )

    assert done.returncode == 0, done.stderr
    ledger = json.loads(done.stdout)
    total = ledger["total"]
    assert ledger["ok"] is True
    assert ledger["problems"] == []
    assert total["enqueued"] >= 200
    assert total["lost"] == total["repeated"] == total["dead"] == 0
    assert total["done"] + total["unknown"] == total["effects"]
    assert {"front-row@example.org", "last-row@example.org"} <= {mail["recipient"] for mail in ledger["parked"]}
    assert ledger["duplicates"] > 0
    assert ledger["conflicts"] > 0
    assert list(temporary_files.iterdir()) == []
    assert of_ours(temporary_files) == []


def test_it_stays_until_ctrl_c_and_leaves_nothing_behind(running: RunningProcess, temporary_files: Path) -> None:
    running.wait_for_output("Still running", timeout=LONG)
    assert "Every number is right: nothing lost, nothing repeated." in running.output
    assert running.returncode is None

    running.send(signal.SIGINT)

    assert running.wait(60) == 0
    assert list(temporary_files.iterdir()) == []
    assert of_ours(temporary_files) == []


def test_ctrl_c_in_the_middle_stops_everything_and_leaves_nothing_behind(
    running: RunningProcess, temporary_files: Path
) -> None:
    running.wait_for_output("A worker is killed", timeout=LONG)

    running.send(signal.SIGINT)
    running.send(signal.SIGINT)

    assert running.wait(60) == 130
    assert list(temporary_files.iterdir()) == []
    assert of_ours(temporary_files) == []


def test_a_kill_leaves_no_process_behind(running: RunningProcess, temporary_files: Path) -> None:
    running.wait_for_output("it enqueued", timeout=LONG)

    running.kill()

    wait_until(lambda: not of_ours(temporary_files), description="every process to end", timeout=60)
