"""Giving up a query that takes too long: nobody can tell beforehand what an index of words will have to read."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError


class OutOfPatience(Exception):
    """Raised when a query was given up."""


@contextmanager
def within(connection: Connection, patience: timedelta) -> Iterator[Callable[[], None]]:
    """All queries inside together may take so long, and each at least a millisecond. Changes and settings made inside are undone.

    It gives what is to be called before a query: the query may take as long as is left.

    Raises:
        OutOfPatience: it took longer; the transaction goes on.
    """
    until = time.monotonic() + patience.total_seconds()

    def hurry() -> None:
        left_ms = round((until - time.monotonic()) * 1000)
        # PostgreSQL takes none for no limit.
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, left_ms)}")

    savepoint = connection.begin_nested()
    try:
        hurry()
        yield hurry
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise OutOfPatience from error
        raise
    finally:
        savepoint.rollback()
