"""One large file: from the job's enqueue until it is whole, hashed, durable and in its place, against curl, which only writes it."""

import hashlib
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
from bench.process_table import rss_bytes
from bench.report import Report, say
from bench.rounds import times_faster
from bench.stage import Stage
from bench.waiting import wait_for
from leeward import DownloadFile, Leeward

MIB = 1024**2
TARGET, TARGET_MIB = 0.9, 40
LONGEST_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    mib: int
    rounds: int


FULL, QUICK = Plan(mib=1024, rounds=5), Plan(mib=256, rounds=2)


class Brought(NamedTuple):
    """`memory_mib`: the most over that of the idle process; 0 where it was not measured."""

    seconds: float
    cpu_seconds: float
    memory_mib: float = 0.0


def run(stage: Stage, *, quick: bool) -> Report:
    require_programs()
    plan = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="leeward-bench-") as name:
        folder = Path(name)
        files, root = folder / "files", folder / "downloads"
        files.mkdir()
        root.mkdir()
        sha256 = _make(files / "large", plan.mib)
        (files / "small").write_bytes(b"small")
        with nginx(folder, files) as url, Leeward(stage.url) as fleet, downloading(stage.url, folder, root) as worker:
            _warm_up(fleet, url, root)
            curl, ours = [], []
            for number in range(plan.rounds):
                curl.append(_by_curl(f"{url}/large", folder / "by-curl"))
                job = DownloadFile(url=f"{url}/large", destination=f"large-{number}", sha256=sha256)
                ours.append(_by_worker(fleet, worker, job, root))
                say(f"curl {curl[-1].seconds:.2f} s, worker {ours[-1].seconds:.2f} s")
    return _report(plan, curl, ours)


def _report(plan: Plan, curl: list[Brought], ours: list[Brought]) -> Report:
    ratio = times_faster([1 / each.seconds for each in ours], [1 / each.seconds for each in curl])
    memory = max(each.memory_mib for each in ours)
    return Report(
        bench="download",
        unit=f"s for {plan.mib} MiB",
        plain=median(each.seconds for each in curl),
        leeward=median(each.seconds for each in ours),
        ratio=ratio,
        target=f">= {TARGET} of curl's speed, <= {TARGET_MIB} MiB over idle",
        met=ratio >= TARGET and memory <= TARGET_MIB,
        details={
            "memory_over_idle_mib": memory,
            "cpu_seconds": {"curl": [each.cpu_seconds for each in curl], "worker": [each.cpu_seconds for each in ours]},
            "seconds": {"curl": [each.seconds for each in curl], "worker": [each.seconds for each in ours]},
        },
    )


def _make(path: Path, mib: int) -> str:
    """A file of random bytes, and its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(mib):
            piece = os.urandom(MIB)
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _warm_up(fleet: Leeward, url: str, root: Path) -> None:
    fleet.enqueue(DownloadFile(url=f"{url}/small", destination="small"))
    wait_for((root / "small").exists, "the first download", limit_seconds=LONGEST_SECONDS)


def _by_curl(url: str, target: Path) -> Brought:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([str(CURL), "--silent", "--fail", "--output", str(target), url], check=True)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    target.unlink()
    return Brought(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _by_worker(fleet: Leeward, worker: int, job: DownloadFile, root: Path) -> Brought:
    target, idle, cpu = root / job.destination, rss_bytes(worker), cpu_seconds(worker)
    most = 0

    def is_there() -> bool:
        nonlocal most
        most = max(most, rss_bytes(worker))
        return target.exists()

    began = time.monotonic()
    fleet.enqueue(job)
    wait_for(is_there, "the file", limit_seconds=LONGEST_SECONDS, every_seconds=0.005)
    seconds = time.monotonic() - began
    used = cpu_seconds(worker) - cpu
    target.unlink()
    return Brought(seconds, used, (most - idle) / MIB)
