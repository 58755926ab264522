"""The systemd units: systemd itself finds nothing wrong, and a stopped worker has its drain time."""

import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

from tests.support.processes import ROOT
from workers.processes.host import KILL_MARGIN
from workers.settings.settings import Settings
from workers.supervisor.child import UNUSABLE

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
PROGRAM = "/opt/leeward/bin/leeward"
EXPOSURE_LIMIT = 30
"""Tenths: `systemd-analyze security` calls what is below 2.0 safe, and below 4.0 OK."""


def analyze(*arguments: str | Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """Copies that start this environment's `leeward`: systemd wants the program to exist."""
    program = f'"{Path(sys.executable).with_name("leeward")}"'  # its path may have spaces
    copies = [tmp_path / unit.name for unit in UNITS]
    for unit, copy in zip(UNITS, copies, strict=True):
        copy.write_text(unit.read_text().replace(PROGRAM, program))
    return copies


def service(name: str) -> dict[str, str]:
    unit = RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "systemd" / f"{name}.service")
    return dict(unit["Service"])


def test_systemd_finds_nothing_wrong(units: list[Path]) -> None:
    analyze("verify", "--man=no", *units)


def test_systemd_counts_little_that_a_unit_could_still_do(units: list[Path]) -> None:
    for unit in units:
        analyze("security", "--offline=yes", f"--threshold={EXPOSURE_LIMIT}", "--no-pager", unit)


def test_each_unit_runs_one_command_of_the_fleet() -> None:
    commands = {unit.stem: service(unit.stem)["ExecStart"].removeprefix(f"{PROGRAM} ") for unit in UNITS}

    assert commands == {
        "leeward-worker": "worker",
        "leeward-scheduler": "scheduler",
        "leeward-outbox": "outbox relay",
    }


def test_a_stopped_worker_has_its_drain_time() -> None:
    worker = service("leeward-worker")

    assert int(worker["TimeoutStopSec"]) > (Settings().drain + KILL_MARGIN).total_seconds()
    assert worker["KillMode"] == "mixed"


@pytest.mark.parametrize("unit", [unit.stem for unit in UNITS])
def test_what_cannot_be_used_is_not_started_again(unit: str) -> None:
    assert service(unit)["RestartPreventExitStatus"] == str(UNUSABLE)
    assert service(unit)["Restart"] == "always"
