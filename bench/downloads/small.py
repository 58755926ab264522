"""Many small files: the CPU of a worker for all of them, against `xargs -P 2 curl`, a process for each."""

import os
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.downloads.host import CURL, nginx, require_programs
from bench.downloads.worker import cpu_seconds, downloading
from bench.report import Report, say
from bench.rounds import times_faster
from bench.stage import Stage
from bench.waiting import wait_for
from leeward import DownloadFile, Leeward

SIZE = 10_000
TARGET = 2.0
LONGEST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Plan:
    files: int
    rounds: int


FULL, QUICK = Plan(files=2_000, rounds=3), Plan(files=500, rounds=1)


class Brought(NamedTuple):
    cpu_seconds: float
    seconds: float


class FilesDiffer(Exception):
    """Raised when what came is not what is there."""


def run(stage: Stage, *, quick: bool) -> Report:
    require_programs()
    plan = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="leeward-bench-") as name:
        folder = Path(name)
        files, root = folder / "files", folder / "downloads"
        files.mkdir()
        root.mkdir()
        names = [f"{number:05}" for number in range(plan.files)]
        for each in names:
            (files / each).write_bytes(os.urandom(SIZE))
        with nginx(folder, files) as url, Leeward(stage.url) as fleet, downloading(stage.url, folder, root) as worker:
            fleet.enqueue(DownloadFile(url=f"{url}/{names[0]}", destination="first"))
            wait_for((root / "first").exists, "the first download", limit_seconds=LONGEST_SECONDS)
            curl, ours = [], []
            for number in range(plan.rounds):
                curl.append(_by_curl(url, names, folder / f"curl-{number}"))
                ours.append(_by_worker(fleet, worker, url, names, root / f"round-{number}"))
                _compare(files, folder / f"curl-{number}", names)
                _compare(files, root / f"round-{number}", names)
                say(f"curl {curl[-1].cpu_seconds:.2f} s of CPU, worker {ours[-1].cpu_seconds:.2f} s")
    ratio = times_faster([1 / each.cpu_seconds for each in ours], [1 / each.cpu_seconds for each in curl])
    return Report(
        bench="downloads",
        unit=f"s of CPU for {plan.files} files of {SIZE} bytes",
        plain=median(each.cpu_seconds for each in curl),
        leeward=median(each.cpu_seconds for each in ours),
        ratio=ratio,
        target=f">= {TARGET} times less CPU than a curl for each file",
        met=ratio >= TARGET,
        details={"seconds": {"curl": [each.seconds for each in curl], "worker": [each.seconds for each in ours]}},
    )


def _by_curl(url: str, names: list[str], target: Path) -> Brought:
    target.mkdir()
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = ["xargs", "-P", "2", "-I{}", str(CURL), "--silent", "--fail", "--output", f"{target}/{{}}", f"{url}/{{}}"]
    subprocess.run(command, input="\n".join(names).encode(), check=True)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Brought(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, seconds)


def _by_worker(fleet: Leeward, worker: int, url: str, names: list[str], target: Path) -> Brought:
    jobs = [DownloadFile(url=f"{url}/{name}", destination=f"{target.name}/{name}") for name in names]
    cpu, began = cpu_seconds(worker), time.monotonic()
    fleet.enqueue_many(jobs)
    wait_for(lambda: _count(target) == len(names), "all files", limit_seconds=LONGEST_SECONDS, every_seconds=0.1)
    return Brought(cpu_seconds(worker) - cpu, time.monotonic() - began)


def _count(folder: Path) -> int:
    """Of finished files."""
    return sum(not entry.name.startswith(".") for entry in os.scandir(folder)) if folder.exists() else 0


def _compare(files: Path, brought: Path, names: list[str]) -> None:
    for name in names:
        if (files / name).read_bytes() != (brought / name).read_bytes():
            raise FilesDiffer(name)
