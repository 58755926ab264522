"""A PostgreSQL of the benchmark's own, with the embedded server's settings: durable, as in production."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from workers.embedded import EmbeddedPostgres


@contextmanager
def database() -> Iterator[str]:
    """Its URL; an empty database, gone afterwards."""
    with TemporaryDirectory(prefix="leeward bench postgres ") as folder:
        server = EmbeddedPostgres(Path(folder))
        server.start()
        try:
            yield server.url
        finally:
            server.kill()
