"""Statements that need a table for themselves for a moment.

A transaction that waits for such a lock makes all others queue behind it, for as long as the longest running query. So we wait briefly, let
the queue go, and come again.
"""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import OperationalError

from leeward.errors import NotReady

LOCK_WAIT = timedelta(milliseconds=300)
"""How long one attempt may wait for its locks, and with it all transactions after it."""
PAUSE = timedelta(seconds=1)
"""Between two attempts, about."""
ATTEMPTS = 300
Returned = TypeVar("Returned")


class SchemaBusy(NotReady):
    """Raised when a table was in use by others at every attempt."""

    code = "schema_busy"

    def __init__(self, attempts: int) -> None:
        super().__init__(
            f"the dead letters' tables were in use at each of {attempts} attempts to change them: end the transactions that"
            " have been open for long (pg_stat_activity, xact_start), then run it again; it continues where it stopped"
        )


def alone(connection: Connection, statement: str, *, attempts: int = ATTEMPTS, pause: timedelta = PAUSE) -> None:
    """Executes one statement as a transaction of its own.

    Args:
        connection: in autocommit, as inside Alembic's `autocommit_block`.
        statement: one; the server takes it back when it fails.
        attempts: how often it is tried.
        pause: between two.

    Raises:
        SchemaBusy: its locks were not to be had.
    """
    connection.execute(_wait("SET"))
    try:
        persistently(lambda: connection.execute(text(statement)), attempts=attempts, pause=pause)
    finally:
        connection.execute(text("RESET lock_timeout"))


def together(
    connection: Connection, change: Callable[[], Returned], *, attempts: int = ATTEMPTS, pause: timedelta = PAUSE
) -> Returned:
    """Makes a change of several statements: all of them, inside the caller's transaction, or none.

    A failed attempt gives back the locks that it had got. The caller commits soon: the locks are held until then.

    Raises:
        SchemaBusy: its locks were not to be had.
    """

    def attempt() -> Returned:
        with connection.begin_nested():
            connection.execute(_wait("SET LOCAL"))
            return change()

    return persistently(attempt, attempts=attempts, pause=pause)


def persistently(attempt: Callable[[], Returned], *, attempts: int = ATTEMPTS, pause: timedelta = PAUSE) -> Returned:
    """The answer of the first attempt that does not end for want of a lock.

    Raises:
        SchemaBusy: there was none.
    """
    for left in reversed(range(attempts)):
        try:
            return attempt()
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
            if not left:
                raise SchemaBusy(attempts) from error
        time.sleep(random.uniform(0.5, 1) * pause.total_seconds())
    raise SchemaBusy(attempts)


def _wait(verb: str) -> TextClause:
    return text(f"{verb} lock_timeout = {int(LOCK_WAIT / timedelta(milliseconds=1))}")
