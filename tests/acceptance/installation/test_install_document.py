"""docs/install.md, word for word: two folders in place of two machines, the distribution's Redis and PostgreSQL, TLS, a job, a restore."""

import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from leeward import JobState, Leeward, SyncUser
from leeward.embedded.free_port import free_port
from simulators.jellyfin.server import JellyfinSimulator
from tests.acceptance.environment import Environment
from tests.acceptance.installation.distribution import (
    ADMINISTRATOR,
    PASSWORD,
    postgres_as_installed,
    postgres_programs,
    redis_server,
    reload,
    start_redis,
)
from tests.acceptance.installation.document import Machine, block_names
from tests.support.fleets.fleet_host import Host
from tests.support.processes import ROOT, RunningProcess
from tests.support.waiting import wait_until

UNITS = ROOT / "deploy" / "systemd"
ORDER = [
    "names",
    "first",
    "each",
    "migrate",
    "admin",
    "producer",
    "backup",
    "restore",
    "restore-redis",
    "restored-redis",
]


@dataclass(slots=True)
class Site:
    first: Machine
    second: Machine
    jellyfin: JellyfinSimulator
    installed: Environment
    redis: RunningProcess
    processes: list[RunningProcess] = field(default_factory=list)

    def start(self, machine: Machine, unit: str) -> RunningProcess:
        """What systemd does: the command of the unit, with the file of settings."""
        (line,) = (one for one in (UNITS / unit).read_text().splitlines() if one.startswith("ExecStart="))
        program, *arguments = shlex.split(line.removeprefix("ExecStart="))
        installed = self.installed.folder / "venv" / Path(program).relative_to("/opt/leeward")
        command: list[str | Path] = [installed, *arguments]
        process = RunningProcess(
            command, log=machine.folder / f"{unit}.log", env=machine.variables(), cwd=machine.folder
        )
        self.processes.append(process)
        return process


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, installed: Environment) -> Iterator[Site]:
    redis_server()
    postgres_programs()
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        jellyfin = stack.enter_context(JellyfinSimulator())
        postgres = stack.enter_context(postgres_as_installed(folder / "postgres"))
        names = {
            "SERVER": "localhost",
            "REDIS_PORT": str(free_port()),
            "POSTGRES_PORT": str(postgres.port),
            "HTTP_PORT": "0",
            "POSTGRES": str(folder / "postgres" / "data"),
            "AS_POSTGRES": "",
            "REDIS_DATA": str(folder / "redis"),
            "BACKUP": str(folder / "backup"),
        }
        administrator = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(postgres.port),
            "PGUSER": ADMINISTRATOR,
            "PGPASSWORD": PASSWORD,
        }
        machines = []
        for name in ("first", "second"):
            settings = folder / name / "etc"
            (settings / "tls").mkdir(parents=True)
            (settings / "leeward.toml").write_text(
                f'[providers.jellyfin]\nurl = "{jellyfin.url}"\ntoken = "{jellyfin.settings.token}"\n'
            )
            machines.append(
                Machine(folder / name, names | {"CONF": str(settings)}, installed.leeward.parent, administrator)
            )
        first, second = machines
        first.run("first")
        reload(postgres)
        redis = start_redis(first.settings / "redis.conf", folder / "redis", folder / "redis.log")
        stack.callback(redis.clean_up)
        for name in ("tls/ca.crt", "worker.password", "database.password"):  # scp
            (second.settings / name).write_bytes((first.settings / name).read_bytes())
        for machine in machines:
            machine.run("each")
        site = Site(first, second, jellyfin, installed, redis)
        yield site
        for process in site.processes:
            process.clean_up()
        site.redis.clean_up()


def test_every_block_of_the_page_is_run_by_a_test() -> None:
    assert block_names() == ORDER


def test_two_machines_run_a_job_and_the_servers_come_back_from_a_backup(site: Site, tmp_path: Path) -> None:
    checked = site.first.run("migrate")
    assert "problem" not in checked

    hosts = [Host(site.start(machine, "leeward-worker.service")) for machine in (site.first, site.second)]
    scheduler = site.start(site.second, "leeward-scheduler.service")
    for host in hosts:
        host.wait_until_ready()
    wait_until(lambda: "scheduler_started" in scheduler.output, description="the scheduler works", timeout=60)
    assert "sync.jellyfin" in site.first.run("admin")

    said = site.first.run("producer")

    job = said.split()[0]
    with Leeward(site.first.variables()["LEEWARD_VALKEY_URL"]) as fleet:
        wait_until(lambda: fleet.status(job).state is JobState.DONE, description="the job is done", timeout=60)
        kept = fleet.enqueue(SyncUser(user="bob"), idempotency_key="kept", delay=timedelta(hours=1))
        site.first.run("backup")
        lost = fleet.enqueue(SyncUser(user="carol"), idempotency_key="lost", delay=timedelta(hours=1))
    for process in site.processes:
        assert process.terminate() == 0
    restore(site, tmp_path)

    with Leeward(site.first.variables()["LEEWARD_VALKEY_URL"]) as fleet:
        assert fleet.status(kept.job_id).state is JobState.SCHEDULED
        assert fleet.enqueue(SyncUser(user="bob"), idempotency_key="kept").job_id == kept.job_id
        assert fleet.enqueue(SyncUser(user="carol"), idempotency_key="lost").job_id != lost.job_id


def restore(site: Site, logs: Path) -> None:
    """With everything stopped; then Redis is stopped once more, and has it all in its append-only file."""
    settings, data = site.first.settings / "redis.conf", Path(site.first.names["REDIS_DATA"])
    site.first.run("restore")
    site.redis.terminate()
    site.first.run("restore-redis")
    site.redis = start_redis(settings, data, logs / "redis-restored.log")
    said = site.first.run("restored-redis")
    assert "aof_enabled:1" in said
    wait_until(
        lambda: "aof_rewrite_in_progress:0" in site.first.run("restored-redis"),
        description="the append-only file is written",
    )
    site.redis.terminate()
    site.redis = start_redis(settings, data, logs / "redis-again.log")
