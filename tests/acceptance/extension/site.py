"""A fleet of an environment with extensions: its own servers, its own `leeward`, run from a folder outside the repository."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from leeward import JobState, JobStatus, Leeward
from tests.acceptance.environment import Environment
from tests.support.fleets.fleet_host import Host
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

COMMON = {
    "LEEWARD_PROCESSES": "1",
    "LEEWARD_THREADS": "4",
    "LEEWARD_LEASE_SECONDS": "3",
    "LEEWARD_DRAIN_SECONDS": "5",
    "LEEWARD_HTTP_PORT": "0",
    "LEEWARD_LOG_FORMAT": "json",
}


@dataclass(slots=True)
class Site:
    environment: Environment
    folder: Path
    valkey_url: str
    database_url: str
    client: Leeward
    stack: ExitStack
    _number: int = field(default=0)

    @property
    def configuration(self) -> Path:
        return self.folder / "leeward.toml"

    def variables(self) -> dict[str, str]:
        return COMMON | {
            "LEEWARD_VALKEY_URL": self.valkey_url,
            "LEEWARD_DATABASE_URL": self.database_url,
            "LEEWARD_CONFIG": str(self.configuration),
            "LEEWARD_DATA_DIR": str(self.folder / "data"),
        }

    def start(self, command: str) -> RunningProcess:
        """A `leeward` command that runs until the end of the test."""
        self._number += 1
        log = self.folder / f"{command}-{self._number}.log"
        process = RunningProcess([self.environment.leeward, command], log=log, env=self.variables(), cwd=self.folder)
        self.stack.callback(process.clean_up)
        return process

    def start_host(self) -> Host:
        host = Host(self.start("worker"))
        self.stack.callback(host.clean_up)
        return host.wait_until_ready()

    def run(self, *arguments: str, exit_code: int = 0, given: str = "") -> str:
        """What a `leeward` command writes to standard output; to both outputs where it fails."""
        done = subprocess.run(
            [self.environment.leeward, *arguments],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin"} | self.variables(),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        assert done.returncode == exit_code, f"leeward {arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if exit_code == 0 else done.stdout + done.stderr

    def answer(self, *arguments: str, given: str = "") -> Any:
        """The document that a command answers with `--json`."""
        return json.loads(self.run(*arguments, "--json", given=given))

    def enqueue(self, kind: str, **payload: Any) -> str:
        """The id of the new job. Secrets come by standard input."""
        return str(self.answer("enqueue", kind, "--json-file", "-", given=json.dumps(payload))["job"])

    def enqueue_many(self, kind: str, payloads: list[dict[str, Any]]) -> list[str]:
        """With one command, as JSON Lines."""
        lines = "".join(json.dumps({"kind": kind, "payload": payload}) + "\n" for payload in payloads)
        return [str(json.loads(line)["job"]) for line in self.run("enqueue", "--json", given=lines).splitlines()]

    def wait_for(self, job_id: str, state: JobState, *, timeout: float = 60.0) -> JobStatus:
        def reached() -> JobStatus | None:
            status = self.client.status(job_id)
            return status if status.state is state else None

        return wait_until(reached, description=f"job {job_id} to be {state}", timeout=timeout)

    def dead_letter(self, job_id: str) -> dict[str, Any]:
        """As `leeward dlq list` shows it, once it is stored."""
        wait_until(lambda: job_id in self._dead_jobs(), description=f"the dead letter of job {job_id}", timeout=60.0)
        (found,) = [one for one in self.answer("dlq", "list")["dead_letters"] if one["job_id"] == job_id]
        return dict(found)

    def _dead_jobs(self) -> set[str]:
        with psycopg.connect(self.database_url) as connection:
            return {job_id for (job_id,) in connection.execute("SELECT job_id FROM dead_letters")}

    def everything_in_postgresql(self) -> str:
        """All dead letters, as text."""
        with psycopg.connect(self.database_url) as connection:
            rows = connection.execute("SELECT dead_letters::text FROM dead_letters").fetchall()
        return "\n".join(text for (text,) in rows)


@contextmanager
def site_at(folder: Path, environment: Environment, *, valkey_url: str, database_url: str) -> Iterator[Site]:
    with ExitStack() as stack:
        client = stack.enter_context(Leeward(valkey_url))
        yield Site(environment, folder, valkey_url, database_url, client, stack)
