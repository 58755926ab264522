"""Connections are dropped when their server turns out to take no writes: the address may lead to another one by now."""

from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError

_GONE = frozenset({"25006", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03"})
"""SQLSTATEs after which a connection is of no use: read-only, shut down, crashed, not up yet, dropped, idle for too long."""
_CONNECTION_EXCEPTION = "08"
_FRESH = "leeward_fresh"


def drop_when_not_writable(engine: Engine) -> None:
    """All of the pool's connections go when one of them is refused a write. One that was used before has to show that it lives, and that
    its server is no standby, before it is used again.
    """
    event.listen(engine, "handle_error", _judge)
    event.listen(engine, "connect", _note_fresh)
    event.listen(engine, "checkout", _look)


def _judge(context: ExceptionContext) -> None:
    sqlstate = str(getattr(context.original_exception, "sqlstate", None) or "")
    if sqlstate in _GONE or sqlstate.startswith(_CONNECTION_EXCEPTION):
        context.is_disconnect = True


def _note_fresh(_connection: Any, record: Any) -> None:
    record.info[_FRESH] = True


def _look(connection: Any, record: Any, _proxy: Any) -> None:
    if record.info.pop(_FRESH, False):
        return
    try:
        if not _is_in_recovery(connection):
            return
    except psycopg.Error as error:
        raise InvalidatePoolError from error
    raise InvalidatePoolError("its server is a standby")


def _is_in_recovery(connection: psycopg.Connection[Any]) -> bool:
    autocommit, connection.autocommit = connection.autocommit, True
    row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    connection.autocommit = autocommit
    return bool(row and row[0])
