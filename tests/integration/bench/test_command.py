"""The command that lists and runs benchmarks."""

import subprocess
import sys


def test_the_list_names_both_ways() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "bench", "--list"], capture_output=True, text=True, check=True
    ).stdout

    (line,) = (line for line in listed.splitlines() if line.startswith("guards "))
    assert line.endswith(" Also: throughput --guards all.")
