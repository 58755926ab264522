"""The CPU that a `leeward` command takes."""

import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence

from bench.fleet import ROOT
from bench.report import say


def cpu_of_command(words: Sequence[str], environment: Mapping[str, str], rounds: int) -> float:
    """The least CPU of some runs in seconds, its children's included: what the command itself takes, whatever else the machine does."""
    seconds = [_cpu_seconds([sys.executable, "-m", "console.cli.main", *words], environment) for _ in range(rounds)]
    say(f"leeward {' '.join(words)}: {min(seconds):.2f} s of CPU")
    return min(seconds)


def _cpu_seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
