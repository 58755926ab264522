"""Bringing a database's schema to this release's, or back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, text

from storage.database.engine import WITHOUT_END, create_engine
from storage.database.pooler import require_own_session
from storage.database.revisions import MIGRATIONS, UnknownRevision

_LOCK = 0x6C65_6577_6172_6401
"""One advisory lock per database: `leeward`, 1."""
_LOOK_SECONDS = 0.2


def upgrade(url: str, revision: str = "head") -> None:
    """Applies what is missing, up to `revision`. Any number of processes may do so at once: one works, the others wait
    and find nothing to do.

    Dead letters are read and written meanwhile. A migration is a transaction, and leaves nothing when it fails; those that build on a
    table in use commit step by step instead, say so in their docstring, and continue where they stopped when they are run again.

    Raises:
        InvalidDatabaseUrl: not a PostgreSQL URL.
        UnfitDatabase: it cannot hold every text, or a pooler shares its sessions.
        UnknownRevision: the database is newer than this release.
        SchemaBusy: others kept a table that a migration needs for a moment.
        sqlalchemy.exc.OperationalError: the server cannot be reached.
    """
    with _locked(url) as connection, _translated():
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Takes migrations back, down to `revision` (`base` for an empty database). What the newer tables hold is lost.

    Raises:
        As `upgrade`.
    """
    with _locked(url) as connection, _translated():
        command.downgrade(_config(connection), revision)


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    # `%` begins an interpolation in Alembic's configuration, and may stand in a path.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, pool_size=0, application="leeward migrate", patience=WITHOUT_END)
    with engine.connect() as connection:
        yield connection


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    """A connection that is the only one to migrate this database; the server frees the lock of a process that dies."""
    with _connected(url) as connection:
        require_own_session(connection.engine, "migrations")
        while not _try_lock(connection):
            time.sleep(_LOOK_SECONDS)
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            connection.commit()


def _try_lock(connection: Connection) -> bool:
    # Not `pg_advisory_lock`: an index that is built concurrently waits for every transaction, also for one that waits for this lock.
    got = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar_one()
    connection.commit()
    return bool(got)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (CommandError, RevisionError) as error:
        raise UnknownRevision(error) from error
