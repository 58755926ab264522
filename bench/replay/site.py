"""A PostgreSQL of the benchmark's own, dead letters in it, and a host that runs replays."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from uuid import UUID

from sqlalchemy import Engine, func, select

from bench.process_table import rss_bytes
from bench.replay import letters
from bench.stage import Stage
from bench.waiting import wait_for
from leeward.embedded.death_signal import dies_with_parent
from leeward_admin.replays import Progress, Replays
from storage.database.engine import create_engine
from storage.database.migrate import upgrade
from storage.dead_letters.search.filter import Filter
from storage.replays import queries
from storage.replays.rules import Rules
from storage.replays.selection import Selection
from storage.replays.state import ItemOutcome, ReplayState
from storage.tables import replay_items
from workers.background.replays.run import Fleet
from workers.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SECONDS = 1_800.0


class Host:
    """A process that runs replays. A context manager; leaving it kills it."""

    def __init__(self, valkey_url: str, database_url: str) -> None:
        command = [sys.executable, "-m", "bench.replay.host", valkey_url, database_url]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 # system calls only, looked up before
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def rss_bytes(self) -> int:
        return rss_bytes(self._process.pid)


class Site:
    """What a measurement works with."""

    def __init__(self, stage: Stage, database_url: str, engine: Engine) -> None:
        self.stage = stage
        self.engine = engine
        self._database_url = database_url
        self.replays = Replays(engine, lambda: Fleet(engine, stage.client, list))

    def prepare(self, number: int) -> None:
        """An empty Valkey, and so many open dead letters."""
        self.stage.clear()
        letters.fill(self.engine, number)

    def host(self) -> Host:
        return Host(self.stage.url, self._database_url)

    def begin(self, rules: Rules) -> UUID:
        """A replay of all of them that hosts are to run."""
        return self.replays.create(Selection(filter=Filter()), rules, who="bench").id

    def wait_until_enqueued(self, id_: UUID, *, every_seconds: float = 0.25) -> None:
        wait_for(
            lambda: not self.left(id_),
            "everything to be enqueued",
            limit_seconds=LONGEST_SECONDS,
            every_seconds=every_seconds,
        )

    def wait_until_finished(self, id_: UUID) -> Progress:
        def is_finished() -> bool:
            return self.replays.page(limit=1).rows[0].state is ReplayState.FINISHED

        wait_for(is_finished, "the replay to finish", limit_seconds=LONGEST_SECONDS, every_seconds=0.5)
        return self.replays.get(id_)

    def left(self, id_: UUID) -> int:
        """Items behind the first one that is not taken yet. Cheap, so that the observation does not change the measurement."""
        query = (
            select(func.min(replay_items.c.position))
            .where(replay_items.c.replay_id == id_, replay_items.c.outcome == ItemOutcome.PENDING.value)
            .where(replay_items.c.provider == "jellyfin")
        )
        with self.engine.connect() as connection:
            first: int | None = connection.execute(query).scalar()
            letters = 0 if first is None else queries.get(connection, id_).letters
        return 0 if first is None else letters - first + 1


@contextmanager
def site(stage: Stage) -> Iterator[Site]:
    """With PostgreSQL at its defaults: what it says is durable is durable."""
    with TemporaryDirectory(prefix="leeward bench postgres ") as folder:
        server = EmbeddedPostgres(Path(folder))
        server.start()
        try:
            upgrade(server.url)
            engine = create_engine(server.url)
            try:
                yield Site(stage, server.url, engine)
            finally:
                engine.dispose()
        finally:
            server.stop()
