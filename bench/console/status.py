"""CPU of `leeward status`, and the server time that it takes, with 200 queues and a million waiting jobs."""

import os
import tempfile
from pathlib import Path
from statistics import median

import redis

from bench.command_cpu import cpu_of_command
from bench.jobs.waiting_jobs import fill
from bench.report import Report, say
from bench.stage import Stage
from leeward.wire.keys import QUEUES
from leeward_admin.status.reading import read_status
from leeward_admin.status.status import OpenLetters
from storage.database.migrate import upgrade
from workers.embedded import EmbeddedPostgres

TARGET_CPU_SECONDS, TARGET_SERVER_MS = 0.4, 60.0
FAMILIES, PROVIDERS = 5, 40
TENANTS = 500
"""One queue of each provider has partitions."""
_NO_LETTERS = OpenLetters(letters=0, groups=0, last_seen=None)


def run(stage: Stage, *, quick: bool) -> Report:
    jobs, rounds = (50_000, 3) if quick else (1_000_000, 9)
    _fill(stage, jobs)
    server_ms = median(_server_ms(stage.client) for _ in range(rounds))
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder, "postgres"))
        postgres.start()
        try:
            upgrade(postgres.url)
            environment = os.environ | {
                "LEEWARD_VALKEY_URL": stage.url,
                "LEEWARD_DATABASE_URL": postgres.url,
                "PYTHONDONTWRITEBYTECODE": "",
                "PYTHONPYCACHEPREFIX": str(Path(folder, "bytecode")),
            }
            cpu = cpu_of_command(["status"], environment, rounds)
        finally:
            postgres.kill()
    stage.clear()
    return Report(
        bench="status",
        unit="s of CPU",
        plain=None,
        leeward=cpu,
        ratio=None,
        target=f"<= {TARGET_CPU_SECONDS} s of CPU and <= {TARGET_SERVER_MS:g} ms of server time",
        met=cpu <= TARGET_CPU_SECONDS and server_ms <= TARGET_SERVER_MS,
        details={"server_ms": server_ms, "queues": FAMILIES * PROVIDERS, "waiting": jobs, "rounds": rounds},
    )


def _fill(stage: Stage, jobs: int) -> None:
    stage.clear()
    queues = [f"family{family}.provider{number}" for number in range(PROVIDERS) for family in range(FAMILIES)]
    stage.client.sadd(QUEUES, *queues)
    each = jobs // len(queues)
    for position, queue in enumerate(queues):
        first = position * each
        is_parted = position % FAMILIES == 0
        fill(stage, queue, range(first, first + each), _tenant if is_parted else lambda _: "")
    say(f"{jobs:,} jobs wait in {len(queues)} queues of {PROVIDERS} providers")


def _tenant(number: int) -> str:
    return f"tenant-{number % TENANTS}"


def _server_ms(client: redis.Redis) -> float:
    """Of all commands together, from the server's own log of them."""
    client.config_set("slowlog-max-len", 100_000)
    client.config_set("slowlog-log-slower-than", 0)
    client.slowlog_reset()
    found = read_status(client, lambda: _NO_LETTERS)
    client.config_set("slowlog-log-slower-than", -1)
    entries = [one for one in client.slowlog_get(100_000) if _is_sent(one["command"])]
    took_ms = sum(one["duration"] for one in entries) / 1000
    say(f"{len(found.queues)} queues, {len(entries)} commands, {took_ms:.1f} ms of server time")
    return float(took_ms)


def _is_sent(command: bytes) -> bool:
    """Whether a client sent it: the log has the commands inside of scripts, too, and those are on keys of providers."""
    name = command.split(b" ", 1)[0].upper()
    return name.startswith(b"EVAL") or (name not in {b"CONFIG", b"SLOWLOG"} and b"leeward:{" not in command)
