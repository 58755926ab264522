"""How long people and jobs wait for a program to start: CPU of short commands, and the time from a worker's start to its first job."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.command_cpu import cpu_of_command
from bench.fleet import ROOT
from bench.report import Report, say
from bench.stage import QUEUE, Stage
from bench.systems import PLAIN
from bench.waiting import wait_for
from leeward import Leeward, SyncUser
from simulators.faults import FaultPlan
from simulators.jellyfin.server import create
from simulators.record import Record
from storage.database.migrate import upgrade
from workers.embedded import EmbeddedPostgres

TARGET_VERSION_SECONDS, TARGET_COMMAND_SECONDS, TARGET_FIRST_JOB_SECONDS = 0.15, 0.4, 0.5
COMMANDS = {
    "version": ["--version"],
    "queues": ["queues", "--json"],
    "dlq list": ["dlq", "list", "--json"],
    "check": ["check", "--json"],
}
LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`rounds`: of each command and of each system."""

    rounds: int


FULL, QUICK = Plan(rounds=9), Plan(rounds=3)


class Start(NamedTuple):
    """A worker's way to its first job: by the clock, and the CPU that its process had used by then."""

    seconds: float
    cpu_seconds: float


def run(stage: Stage, *, quick: bool) -> Report:
    rounds = (QUICK if quick else FULL).rounds
    with tempfile.TemporaryDirectory() as folder, _running(EmbeddedPostgres(Path(folder, "postgres"))) as postgres:
        upgrade(postgres.url)
        environment = os.environ | {
            "LEEWARD_VALKEY_URL": stage.url,
            "LEEWARD_DATABASE_URL": postgres.url,
            # As installed: what is imported has been compiled before.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(Path(folder, "bytecode")),
        }
        commands = {name: cpu_of_command(words, environment, rounds) for name, words in COMMANDS.items()}
        plain, ours = [], []
        for _ in range(rounds):
            plain.append(_first_plain_job(stage))
            ours.append(_first_job(stage, environment, Path(folder)))
            say(f"first job: {plain[-1]:.2f} s, {ours[-1].seconds:.2f} s")
    slowest = max(seconds for name, seconds in commands.items() if name != "version")
    first = median(start.seconds for start in ours)
    return Report(
        bench="startup",
        unit="s from a worker's start to its first job, median",
        plain=median(plain),
        leeward=first,
        ratio=median(plain) / first,
        target=(
            f"first job <= {TARGET_FIRST_JOB_SECONDS} s, --version <= {TARGET_VERSION_SECONDS} s of CPU,"
            f" any command <= {TARGET_COMMAND_SECONDS} s of CPU"
        ),
        met=first <= TARGET_FIRST_JOB_SECONDS
        and commands["version"] <= TARGET_VERSION_SECONDS
        and slowest <= TARGET_COMMAND_SECONDS,
        details={
            "command_cpu_seconds": commands,
            "first_job_longest_seconds": max(start.seconds for start in ours),
            "first_job_cpu_seconds": min(start.cpu_seconds for start in ours),
            "rounds": rounds,
        },
    )


@contextmanager
def _running(postgres: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.kill()


def _first_plain_job(stage: Stage) -> float:
    """Plain Dramatiq's own command with one process, as every benchmark starts it."""
    stage.clear()
    PLAIN.producer(stage.url, [QUEUE]).get_actor("no_op").send(-1)
    began = time.monotonic()
    with stage.fleet(PLAIN, processes=1):
        stage.wait_until_drained(PLAIN)
        return time.monotonic() - began


def _first_job(stage: Stage, environment: dict[str, str], folder: Path) -> Start:
    """From the start of a worker process, as a worker host starts it, to the first effect at a provider."""
    stage.clear()
    with tempfile.TemporaryDirectory(dir=folder) as own, Record(Path(own, "record")) as record:
        jellyfin = create("127.0.0.1", 0, FaultPlan(), record, {})
        jellyfin.start()
        try:
            with Leeward(stage.url) as fleet:
                fleet.enqueue(SyncUser(user="alice"))
            began = time.monotonic()
            address = {"LEEWARD_JELLYFIN_URL": jellyfin.url, "LEEWARD_JELLYFIN_TOKEN": "simulated-key"}
            with _worker(environment | address, Path(own)) as worker:
                wait_for(
                    lambda: bool(record.counts()),
                    "the first account",
                    limit_seconds=LONGEST_SECONDS,
                    every_seconds=0.002,
                )
                return Start(time.monotonic() - began, _cpu_of(worker.pid))
        finally:
            jellyfin.stop()


@contextmanager
def _worker(environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "workers.processes.worker_start", str(folder / "host")]
    (folder / "host").mkdir()
    environment = environment | {"PROMETHEUS_MULTIPROC_DIR": str(folder / "host")}
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _cpu_of(pid: int) -> float:
    """CPU seconds of a running process, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
