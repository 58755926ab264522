"""Real servers on loopback for the tests, and clean databases on them."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import redis
from psycopg import sql
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.embedded import EmbeddedPostgres, EmbeddedValkey

# A killed server loses nothing by these: the operating system keeps what was written.
FAST_POSTGRES = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "32MB"}

_numbers = itertools.count(1)


@contextmanager
def running_valkey() -> Iterator[EmbeddedValkey]:
    with TemporaryDirectory(prefix="leeward valkey ") as directory:
        server = EmbeddedValkey(Path(directory))
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def running_postgres() -> Iterator[EmbeddedPostgres]:
    with TemporaryDirectory(prefix="leeward postgres ") as directory:
        server = EmbeddedPostgres(Path(directory), options=FAST_POSTGRES)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def connect_valkey(url: str) -> "redis.Redis":
    """A client that fails at once rather than trying again behind a test's back. Answers are bytes."""
    return redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0))


@contextmanager
def fresh_database(server_url: str, *, template: str = "template1") -> Iterator[str]:
    """The URL of a new database, dropped at the end whoever is still connected."""
    name = f"test_{next(_numbers)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    execute(server_url, create)
    try:
        yield database_at(server_url, name)
    finally:
        execute(server_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def make_template(server_url: str, name: str = "leeward_template") -> str:
    """A migrated database that others are cloned from; returns its name."""
    from storage.database.migrate import upgrade

    execute(server_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    upgrade(database_at(server_url, name))
    # Nobody may be connected to a template while it is copied.
    execute(server_url, sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
    execute(server_url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'leeward_template'")
    return name


def database_at(server_url: str, name: str) -> str:
    return f"{server_url.rpartition('/')[0]}/{name}"


def execute(url: str, statement: "sql.Composed | str") -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
