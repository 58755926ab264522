"""The servers of the distribution, in folders of a test, with the settings that docs/install.md writes."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.processes import RunningProcess
from tests.support.servers import FAST_POSTGRES, database_at, execute
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedPostgres

ADMINISTRATOR = "postgres"
PASSWORD = "of-the-test"


def redis_server() -> str:
    found = shutil.which("redis-server")
    if found is None or shutil.which("redis-cli") is None:
        pytest.skip("the distribution's redis-server is not installed: apt-get install redis-server")
    return found


def postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("the distribution's PostgreSQL is not installed: apt-get install postgresql")
    return found[-1].parent


@contextmanager
def postgres_as_installed(folder: Path) -> Iterator[EmbeddedPostgres]:
    """As the distribution's package leaves it: a cluster with the administrator `postgres`, which reads a folder `conf.d`."""
    server = EmbeddedPostgres(folder, bindir=postgres_programs(), options=FAST_POSTGRES)
    server.start()
    try:
        own = database_at(server.url, "postgres")
        execute(own, f"CREATE ROLE {ADMINISTRATOR} SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
        as_administrator = f"postgresql://{ADMINISTRATOR}:{PASSWORD}@127.0.0.1:{server.port}/postgres"
        execute(as_administrator, "DROP DATABASE leeward")
        execute(as_administrator, "ALTER ROLE leeward RENAME TO cluster_owner")
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write("include_dir = 'conf.d'\n")
        yield server
    finally:
        server.stop()


def reload(server: EmbeddedPostgres) -> None:
    """In place of `systemctl restart postgresql`: certificates and `pg_hba.conf` need no restart."""
    url = f"postgresql://{ADMINISTRATOR}:{PASSWORD}@127.0.0.1:{server.port}/postgres"
    execute(url, "SELECT pg_reload_conf()")

    def speaks_tls() -> bool:
        try:
            with psycopg.connect(f"{url}?sslmode=require"):
                return True
        except psycopg.OperationalError:
            return False

    wait_until(speaks_tls, description="PostgreSQL speaks TLS")


def start_redis(settings: Path, data: Path, log: Path) -> RunningProcess:
    """In place of `systemctl start redis-server`."""
    data.mkdir(exist_ok=True)
    process = RunningProcess([redis_server(), settings, "--dir", str(data)], log=log, env={"PATH": os.environ["PATH"]})
    process.wait_for_output("Ready to accept connections")
    return process
