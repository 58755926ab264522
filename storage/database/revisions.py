"""Which migrations a database has, and which it lacks. Reads one table and the names of files: Alembic, which takes longer to import than
either, only runs migrations.
"""

from sqlalchemy import Connection, text

from leeward.errors import NotReady
from storage.database.engine import WITHOUT_END, create_engine
from storage.database.revision_names import MIGRATIONS, revisions

__all__ = ["MIGRATIONS", "UnknownRevision", "missing", "pending", "revisions"]

_HERE = text("SELECT version_num FROM alembic_version")
_IS_THERE = text("SELECT to_regclass('alembic_version') IS NOT NULL")


class UnknownRevision(NotReady):
    """Raised when the database, or the caller, names a schema revision that this release does not know."""

    code = "unknown_revision"

    def __init__(self, problem: object) -> None:
        super().__init__(
            f"{problem}. This release does not know that schema revision: install the one that made it, or a newer one"
        )


def pending(url: str) -> list[str]:
    """The revisions that an upgrade would apply, oldest first. Changes nothing.

    Raises:
        InvalidDatabaseUrl: not a PostgreSQL URL.
        UnfitDatabase: it cannot hold every text.
        UnknownRevision: the database is newer than this release.
        sqlalchemy.exc.OperationalError: the server cannot be reached.
    """
    engine = create_engine(url, pool_size=0, application="leeward migrate", patience=WITHOUT_END)
    with engine.connect() as connection:
        return missing(connection)


def missing(connection: Connection) -> list[str]:
    """The same over a connection that is there.

    Raises:
        UnknownRevision: the database is newer than this release.
        sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached.
    """
    known = revisions()
    if not connection.execute(_IS_THERE).scalar_one():
        return list(known)
    here = connection.execute(_HERE).scalar_one_or_none()
    if here is None:
        return list(known)
    if here not in known:
        raise UnknownRevision(f"Can't locate revision identified by {here!r}")
    return list(known[known.index(here) + 1 :])
