"""What a type checker tells the author of an extension before anything runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

MISUSES = Path(__file__).with_name("extension_misuses.txt")


def test_a_type_checker_refuses_every_misuse_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "misuses.py"
    shutil.copy(MISUSES, file)
    lines = file.read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}

    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", str(file)],
        env={"MYPYPATH": str(Path(__file__).parents[2] / "schemas" / "src")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert not found.stderr, found.stderr
    refused = {int(line) for line in re.findall(r"misuses\.py:(\d+): error", found.stdout)}
    assert refused == marked, found.stdout
