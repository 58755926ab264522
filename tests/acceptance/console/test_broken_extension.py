"""A worker that cannot use what is installed says so in one sentence and is not started again."""

import subprocess
import sys
from pathlib import Path

import pytest

from console.cli.exit_code import ExitCode
from tests.acceptance.console.leeward import Command

METADATA = "Metadata-Version: 2.1\nName: leeward-broken\nVersion: 0.3\n"


@pytest.fixture
def broken(lonely: Command, tmp_path: Path) -> Command:
    """A package beside the fleet's own whose import fails."""
    package = tmp_path / "site" / "leeward_broken-0.3.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text(METADATA)
    (package / "entry_points.txt").write_text("[leeward.extensions]\nbroken = leeward_broken:extension\n")
    (package.parent / "leeward_broken.py").write_text("import something_that_is_not_installed\n")
    lonely.environment |= {"PYTHONPATH": str(package.parent)}
    return lonely


def test_check_names_a_broken_extension(broken: Command) -> None:
    checks = broken("check", "--json", expect=ExitCode.FAILED).json()["checks"]

    (found,) = [check for check in checks if check["name"].startswith("extension ")]
    assert found["name"] == "extension broken (leeward-broken 0.3, leeward_broken:extension)"
    assert "No module named 'something_that_is_not_installed'; workers would not start" in found["detail"]


def test_a_broken_extension_stops_a_worker_for_good(broken: Command, valkey_url: str) -> None:
    environment = broken.environment | {"LEEWARD_VALKEY_URL": valkey_url, "LEEWARD_HTTP_PORT": "0"}

    ended = subprocess.run(
        [sys.executable, "-m", "console.cli.main", "worker", "--processes", "1"],
        env=environment | {"PYTHONPATH": f"{environment['PYTHONPATH']}:{Path(__file__).parents[3]}"},
        cwd=broken.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == ExitCode.UNUSABLE
    said = ended.stdout + ended.stderr
    assert "the extension broken (leeward-broken 0.3, leeward_broken:extension) cannot be used" in said
    assert "Traceback" not in said
    assert said.count("process_started") == 1
    assert said.rstrip().endswith("worker-0 cannot run with what is installed and configured: its own message says why")
