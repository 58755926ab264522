"""Giving up queries that take too long: how much an index of words must read is not known in advance."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError


class TimeBudgetExceeded(Exception):
    """Raised when a query was given up."""


class TimeBudget:
    """An instant from now, by when queries must have answered."""

    def __init__(self, length: timedelta) -> None:
        self._until = time.monotonic() + length.total_seconds()

    def is_left(self) -> bool:
        return time.monotonic() < self._until

    @contextmanager
    def guarding(self, connection: Connection) -> Iterator[Callable[[], None]]:
        """Queries inside have until then, and a millisecond each at least. Changes and settings made inside are undone.

        It gives what is to be called before each further query, which then may take as long as is left.

        Raises:
            TimeBudgetExceeded: one took longer; the transaction continues.
        """

        def hurry() -> None:
            left_ms = round((self._until - time.monotonic()) * 1000)
            # PostgreSQL takes none for no limit.
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, left_ms)}")

        savepoint = connection.begin_nested()
        try:
            hurry()
            yield hurry
        except OperationalError as error:
            if isinstance(error.orig, QueryCanceled):
                raise TimeBudgetExceeded from error
            raise
        finally:
            savepoint.rollback()
