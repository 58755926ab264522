"""Writing rows with what the caller has: a session or connection of SQLAlchemy, or a connection of psycopg.

Neither library is imported here: who hands over an object of one has imported it.
"""

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from leeward.errors import Invalid
from leeward.outbox.row import Row, insert, parameters

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_scoped_session
    from sqlalchemy.orm import Session, scoped_session

    SyncConnection = Session | scoped_session[Any] | Connection | psycopg.Connection[Any]
    AsynchronousConnection = AsyncSession | async_scoped_session[Any] | AsyncConnection | psycopg.AsyncConnection[Any]

_SYNC = (
    ("sqlalchemy.orm", "Session"),
    ("sqlalchemy.orm", "scoped_session"),
    ("sqlalchemy.engine", "Connection"),
    ("psycopg", "Connection"),
)
_ASYNC = (
    ("sqlalchemy.ext.asyncio", "AsyncSession"),
    ("sqlalchemy.ext.asyncio", "async_scoped_session"),
    ("sqlalchemy.ext.asyncio", "AsyncConnection"),
    ("psycopg", "AsyncConnection"),
)
_FOR_SQLALCHEMY, _FOR_PSYCOPG = insert(":{}"), insert("%({})s")
_NO_TRANSACTION = (
    "the connection is in autocommit and no transaction is open, so that the job would be written whatever becomes of the rest:"
    " begin a transaction, and call this inside it"
)
_IDLE = 0


def write(connection: Any, rows: Sequence[Row]) -> None:
    """Writes the rows in the transaction that the connection is in.

    Raises:
        Invalid: it is no such connection, an asynchronous one, not of PostgreSQL, or in autocommit without a transaction.
    """
    if not _is_one_of(connection, _SYNC):
        raise _wrong(connection, _ASYNC, "await outbox.add_async(...) or outbox.add_many_async(...)")
    if _is_one_of(connection, (("psycopg", "Connection"),)):
        _check_psycopg(connection)
        connection.execute(_FOR_PSYCOPG, parameters(rows))
        return
    # A session takes its connection, and begins its transaction, where it has not.
    own = connection if _is_one_of(connection, (("sqlalchemy.engine", "Connection"),)) else connection.connection()
    _check_sqlalchemy(own)
    own.execute(_text(), parameters(rows))


async def write_async(connection: Any, rows: Sequence[Row]) -> None:
    """The same with an asynchronous connection.

    Raises:
        Invalid: as `write`; or it is not an asynchronous one.
    """
    if not _is_one_of(connection, _ASYNC):
        raise _wrong(connection, _SYNC, "outbox.add(...) or outbox.add_many(...)")
    if _is_one_of(connection, (("psycopg", "AsyncConnection"),)):
        _check_psycopg(connection)
        await connection.execute(_FOR_PSYCOPG, parameters(rows))
        return
    own = connection
    if not _is_one_of(connection, (("sqlalchemy.ext.asyncio", "AsyncConnection"),)):
        taken: Callable[[], Awaitable[Any]] = connection.connection
        own = await taken()
    _check_sqlalchemy(own.sync_connection)
    await own.execute(_text(), parameters(rows))


def _is_one_of(connection: object, classes: Sequence[tuple[str, str]]) -> bool:
    loaded = ((sys.modules.get(module), name) for module, name in classes)
    return any(module is not None and isinstance(connection, getattr(module, name)) for module, name in loaded)


def _wrong(connection: object, others: Sequence[tuple[str, str]], advice: str) -> Invalid:
    what = f"{type(connection).__module__.partition('.')[0]}'s {type(connection).__qualname__}"
    if _is_one_of(connection, others):
        return Invalid(f"the call does not fit the connection, {what}: use {advice}")
    return Invalid(
        "the outbox writes with a Session or a Connection of SQLAlchemy, their asynchronous counterparts, or a connection of psycopg 3;"
        f" this is {what}"
    )


def _check_psycopg(connection: Any) -> None:
    if connection.autocommit and connection.info.transaction_status == _IDLE:
        raise Invalid(_NO_TRANSACTION)


def _check_sqlalchemy(connection: Any) -> None:
    dialect = connection.dialect
    if dialect.name != "postgresql":
        raise Invalid(f"the outbox is a table of PostgreSQL; this connection is one of {dialect.name}")
    detect = getattr(dialect, "detect_autocommit_setting", None)  # SQLAlchemy 2.0 of early releases has none
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT" or (detect and detect(connection.connection.dbapi_connection)):
        raise Invalid(_NO_TRANSACTION)


def _text() -> Any:
    from sqlalchemy import text

    return text(_FOR_SQLALCHEMY)
