"""Where a benchmark takes place: one Valkey and one folder, both gone afterwards."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import redis

from bench.fleet import Fleet
from bench.systems import System
from bench.waiting import wait_for
from leeward.wire.valkey.connection import connect
from workers.embedded import EmbeddedValkey

QUEUE = "bench"


class Stage:
    """The server, a client of it for looking, and fleets, whose files go to `folder`.

    `database` is one of the server's sixteen, so that trials can run side by side.
    """

    def __init__(self, server: EmbeddedValkey, folder: Path, database: int = 0) -> None:
        self._server = server
        self._folder = folder
        self._numbers = itertools.count(1)
        self.database = database
        self.url = f"{server.url.rpartition('/')[0]}/{database}"
        self.client: redis.Redis = connect(self.url)

    def beside(self, database: int) -> "Stage":
        """The same server with another of its databases."""
        return Stage(self._server, self._folder, database)

    def fleet(
        self,
        system: System,
        *,
        queues: Sequence[str] = (QUEUE,),
        processes: int = 2,
        threads: int = 8,
        env: Mapping[str, str] | None = None,
    ) -> Fleet:
        """Worker processes of a system. Enter it to wait until they are up; leave it to kill them."""
        folder = self._folder / f"fleet-{self.database}-{next(self._numbers)}"
        return Fleet(system, url=self.url, queues=queues, folder=folder, processes=processes, threads=threads, env=env)

    def unfinished(self, system: System, queue: str = QUEUE) -> int:
        return system.count_unfinished(self.client, queue)

    def wait_until_drained(self, system: System, *, queue: str = QUEUE, limit_seconds: float = 120.0) -> None:
        """Returns when the server has no unfinished job of the queue. Looks every few milliseconds, whichever system it is."""
        wait_for(
            lambda: not self.unfinished(system, queue),
            f"{system.name} to finish every job",
            limit_seconds=limit_seconds,
            every_seconds=0.005,
        )

    def clear(self) -> None:
        """Empties the database."""
        self.client.flushdb()


@contextmanager
def stage() -> Iterator[Stage]:
    """A Valkey of our own on loopback, with its append-only file on as in production."""
    with TemporaryDirectory(prefix="leeward bench ") as folder:
        server = EmbeddedValkey(Path(folder) / "valkey")
        server.start()
        try:
            yield Stage(server, Path(folder))
        finally:
            server.kill()
