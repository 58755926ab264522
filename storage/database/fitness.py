"""What a database must be like for anything of ours to use it."""

from typing import Any

from sqlalchemy.exc import SQLAlchemyError

ENCODING = "UTF8"


class UnfitDatabase(SQLAlchemyError):
    """Raised when a database answers and cannot be used as it is. Says what to do."""


def require_utf8(connection: Any) -> None:
    """Refuses a database whose texts would come back as bytes (SQL_ASCII), or which cannot hold every letter. Asks the server nothing.

    Args:
        connection: of psycopg, just opened.

    Raises:
        UnfitDatabase: with how to make one that fits.
    """
    encoding = connection.info.parameter_status("server_encoding")
    if encoding not in {ENCODING, None}:
        raise UnfitDatabase(
            f"the database {connection.info.dbname!r} has the encoding {encoding} and cannot hold every text:"
            f" make one with `createdb --encoding=UTF8 --template=template0 NAME` and let LEEWARD_DATABASE_URL name it"
        )


def require_settings(connection: Any, names: list[str]) -> None:
    """Refuses a connection to which the `options` of its URL were not applied: a pooler dropped them.

    Args:
        connection: of psycopg, just opened.
        names: the settings that the options name.

    Raises:
        UnfitDatabase: with where else to set them.
    """
    if not names:
        return
    autocommit, connection.autocommit = connection.autocommit, True
    rows = connection.execute(
        "SELECT lower(name) FROM pg_settings WHERE lower(name) = ANY(%s) AND source IN ('client', 'session')", [names]
    ).fetchall()
    connection.autocommit = autocommit
    if missing := sorted(set(names) - {row[0] for row in rows}):
        raise UnfitDatabase(
            f"a pooler between us and PostgreSQL drops the URL's options, so that {missing[0]} is not set: set it with"
            f" ALTER ROLE ... SET {missing[0]} = ..., or give the address of PostgreSQL itself"
        )
