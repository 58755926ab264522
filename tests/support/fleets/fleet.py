"""A fleet as it runs for real: `leeward worker` and `leeward scheduler` processes between two servers and three simulated providers.

The simulators run in the test's own process: their records are what the fleet's bookkeeping is compared with.
"""

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from leeward import JobState, JobStatus, Leeward
from simulators.files.server import FilesSimulator
from simulators.jellyfin.server import JellyfinSimulator
from simulators.mail.server import MailSimulator
from simulators.mail.server import Settings as MailSettings
from tests.support.fleets.fleet_host import Host
from tests.support.processes import ROOT, RunningProcess
from tests.support.servers import connect_valkey
from tests.support.waiting import wait_until

LEEWARD = Path(sys.executable).with_name("leeward")
LEASE_SECONDS = 3
COMMON = {
    "LEEWARD_PROCESSES": "2",
    "LEEWARD_THREADS": "4",
    "LEEWARD_LEASE_SECONDS": str(LEASE_SECONDS),
    "LEEWARD_DRAIN_SECONDS": "5",
    "LEEWARD_HTTP_PORT": "0",
    "LEEWARD_LOG_FORMAT": "json",
    "LEEWARD_SMTP_TLS": "none",
    "LEEWARD_SMTP_SENDER": "fleet@example.org",
    "LEEWARD_SMTP_HOST": "127.0.0.1",
    "LEEWARD_DOWNLOAD_ALLOW_PRIVATE": "true",
}


@dataclass(frozen=True, slots=True)
class Program:
    """A `leeward` command: this environment's, or one of another release's source in `folder`."""

    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT


THIS_RELEASE = Program([LEEWARD])


@dataclass(slots=True)
class Fleet:
    """What a test has in its hands. Whatever is started here ends with the fleet."""

    valkey_url: str
    database_url: str
    folder: Path
    jellyfin: JellyfinSimulator
    mail: MailSimulator
    files: FilesSimulator
    client: Leeward
    _stack: ExitStack
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    more_environment: dict[str, str] = field(default_factory=dict)
    command_prefix: list[str] = field(default_factory=list)

    @property
    def downloads(self) -> Path:
        return self.folder / "downloads"

    def start_host(self, program: Program = THIS_RELEASE, /, **settings: str) -> Host:
        """Starts `leeward worker`. Settings by their names after `LEEWARD_`, in small letters."""
        host = Host(self._start("worker", settings, program))
        self._stack.callback(host.clean_up)
        return host

    def start_scheduler(self, **settings: str) -> RunningProcess:
        process = self._start("scheduler", settings)
        self._stack.callback(process.clean_up)
        return process

    def wait_for(self, job_id: str, *states: JobState, timeout: float = 30.0) -> JobStatus:
        """Returns the job's status once it is in one of these states."""

        def reached() -> JobStatus | None:
            status = self.client.status(job_id)
            return status if status.state in states else None

        return wait_until(reached, description=f"job {job_id} to be {' or '.join(states)}", timeout=timeout)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows from PostgreSQL."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def dead_letters(self) -> dict[str, str]:
        """Job id -> reason, from PostgreSQL; fails when a job occurs twice."""
        rows = self.query("SELECT job_id, reason FROM dead_letters")
        found = dict(rows)
        assert len(found) == len(rows), "a dead letter is in PostgreSQL twice"
        return found

    def _configuration(self) -> Path:
        """Circuits that try again after seconds: a test has no half minute."""
        file = self.folder / "leeward.toml"
        file.write_text('profile = "testing"\n')
        return file

    def _start(self, command: str, settings: dict[str, str], program: Program = THIS_RELEASE) -> RunningProcess:
        chosen = {f"LEEWARD_{name.upper()}": value for name, value in settings.items()}
        return RunningProcess(
            [*self.command_prefix, *program.command, command],
            log=self.folder / f"{command}-{next(self._numbers)}.log",
            env={**self.environment(), **self.more_environment, **program.environment, **chosen},
            cwd=program.folder,
        )

    def environment(self) -> dict[str, str]:
        """What a machine of this fleet has set."""
        return COMMON | {
            "LEEWARD_VALKEY_URL": self.valkey_url,
            "LEEWARD_DATABASE_URL": self.database_url,
            "LEEWARD_CONFIG": str(self._configuration()),
            "LEEWARD_DATA_DIR": str(self.folder / "data"),
            "LEEWARD_JELLYFIN_URL": self.jellyfin.url,
            "LEEWARD_JELLYFIN_TOKEN": self.jellyfin.settings.token,
            "LEEWARD_SMTP_PORT": str(self.mail.port),
            "LEEWARD_DOWNLOAD_ROOT": str(self.downloads),
        }


FleetMaker = Callable[..., Fleet]


@contextmanager
def fleet_at(folder: Path, *, valkey_url: str, database_url: str) -> Iterator[Fleet]:
    """A fleet without any process yet. The database is migrated; the folder exists."""
    with ExitStack() as stack:
        jellyfin = stack.enter_context(JellyfinSimulator())
        mail = stack.enter_context(MailSimulator(settings=MailSettings(keep_content=True)))
        files = stack.enter_context(FilesSimulator())
        client = stack.enter_context(Leeward(valkey_url))
        (folder / "downloads").mkdir()
        yield Fleet(valkey_url, database_url, folder, jellyfin, mail, files, client, stack)


def everything_in(valkey_url: str) -> str:
    """All keys and values of a Valkey, as text."""
    with connect_valkey(valkey_url) as client:
        return "\n".join(f"{key!r} {_value(client, key)!r}" for key in sorted(client.scan_iter(count=1000)))


def _value(client: Any, key: bytes) -> Any:
    match client.type(key):
        case b"string":
            return client.get(key)
        case b"hash":
            return client.hgetall(key)
        case b"list":
            return client.lrange(key, 0, -1)
        case b"set":
            return client.smembers(key)
        case b"zset":
            return client.zrange(key, 0, -1, withscores=True)
        case b"stream":
            return client.xrange(key)
    raise AssertionError(f"{key!r} has a type that nobody reads")
