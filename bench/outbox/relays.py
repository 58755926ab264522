"""The two systems: how a row is written, and the process that moves rows on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.outbox import naive
from bench.waiting import wait_for
from leeward import Request, SyncUser, outbox

PARTITIONS = 100


@dataclass(frozen=True, slots=True)
class System:
    """One way to have an outbox.

    Attributes:
        table: where its rows are.
    """

    name: str
    table: str

    def create(self, connection: "psycopg.Connection") -> None:
        if self.name == "leeward":
            outbox.create_table(connection)
        else:
            connection.execute(naive.TABLE)

    def add(self, connection: "psycopg.Connection", users: Sequence[str], *, spread: bool) -> None:
        """In the caller's transaction. `spread` is over partitions, of which the rival knows none."""
        if self.name == "leeward":
            partitions = [f"tenant-{number % PARTITIONS}" if spread else None for number in range(len(users))]
            requests = [
                Request(SyncUser(user=user), partition=partition)
                for user, partition in zip(users, partitions, strict=True)
            ]
            outbox.add_many(connection, requests)
        else:
            connection.execute(naive.ADD, [list(users)])

    def rows(self, connection: "psycopg.Connection") -> int:
        found = connection.execute(f"SELECT count(*) FROM {self.table}").fetchone()
        assert found is not None
        return int(found[0])

    @contextmanager
    def relay(self, database_url: str, valkey_url: str, folder: Path) -> Iterator["subprocess.Popen[Any]"]:
        """A process that moves rows; up when this is entered, killed when it is left."""
        log = folder / f"{self.name}.log"
        addresses = {
            "LEEWARD_VALKEY_URL": valkey_url,
            "LEEWARD_OUTBOX_DATABASE_URL": database_url,
            "LEEWARD_OUTBOX_HTTP_PORT": "0",
        }
        command = [str(Path(sys.executable).with_name("leeward")), "outbox", "relay"]
        if self.name != "leeward":
            command = [sys.executable, "-m", "bench.outbox.naive", database_url, valkey_url]
        with (
            log.open("wb") as output,
            subprocess.Popen(command, env=os.environ | addresses, stdout=output, stderr=output) as process,
        ):
            try:
                wait_for(lambda: log.stat().st_size > 0, f"the relay of {self.name} to start")
                yield process
            finally:
                process.kill()


LEEWARD, NAIVE = System("leeward", "leeward_outbox"), System("naive", "naive_outbox")


@contextmanager
def stopped(process: "subprocess.Popen[Any]") -> Iterator[None]:
    """Stands still meanwhile."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)
