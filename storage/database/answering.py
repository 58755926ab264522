"""Connections that wait for PostgreSQL for as long as it is at work, and no longer.

psycopg waits for an answer without an end. A server that is stopped, or a network that drops everything, then blocks a thread forever: the
kernel of the other side still acknowledges the bytes. So a caller that has waited for a while asks over a second connection what the
server is doing for the first one.
"""

import select
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, ClassVar, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

RV = TypeVar("RV")

_ASKED = "SELECT state FROM pg_stat_activity WHERE pid = %s"
_AT_WORK = frozenset({"active", "fastpath function call", "disabled", None})
"""States of a connection that may still send an answer; None where we are not allowed to see it, or a pooler has another number for it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a query is waited for.

    Attributes:
        silence: after so long without a byte the server is asked what it is doing, and again each time.
        answer: how long that question may take.
        longest: how long a query may take in all, at work or not; None for any time.
    """

    silence: timedelta = timedelta(seconds=5)
    answer: timedelta = timedelta(seconds=5)
    longest: timedelta | None = timedelta(minutes=10)


class Finding(Enum):
    """What the server said about a connection."""

    AT_WORK = "at work"
    LOST = "lost"
    """It has answered, or never heard the question: nothing will come."""
    SILENT = "silent"
    """The server does not answer at all."""


class _Limited(psycopg.Connection[TupleRow]):
    """A connection on which nothing takes longer than a few seconds: for the question itself."""

    seconds: ClassVar[float] = 5.0

    def wait(self, gen: PQGen[RV], *arguments: Any, **options: Any) -> RV:
        end = time.monotonic() + self.seconds
        return super().wait(_watched(gen, lambda _: _give_up_after(end)), *arguments, **options)


class AnsweringConnection(psycopg.Connection[TupleRow]):
    """A psycopg connection that is closed when its server does not answer any more. Set `patience` and `parameters` after connecting."""

    patience: Patience = Patience()
    parameters: dict[str, Any] | None = None

    def wait(self, gen: PQGen[RV], *arguments: Any, **options: Any) -> RV:
        return super().wait(_watched(gen, _Watch(self).look), *arguments, **options)

    def give_up(self, why: str) -> psycopg.OperationalError:
        """Closes the connection, and returns the error to raise."""
        self.close()
        return psycopg.OperationalError(why)


class _Watch:
    """Of one wait."""

    def __init__(self, connection: AnsweringConnection) -> None:
        self._connection = connection
        self._patience = connection.patience
        self._began = self._asked = time.monotonic()

    def look(self, heard: bool) -> None:
        """Raises: psycopg.OperationalError: there will be no answer."""
        now = time.monotonic()
        if heard:
            self._asked = now
            return
        longest = self._patience.longest
        if longest is not None and now - self._began >= longest.total_seconds():
            raise self._connection.give_up(f"PostgreSQL has not finished a query within {_seconds(longest)}")
        if now - self._asked >= self._patience.silence.total_seconds():
            self._ask()
            self._asked = time.monotonic()

    def _ask(self) -> None:
        connection = self._connection
        found = _what_it_does(connection.parameters, connection.pgconn.backend_pid, self._patience)
        # The answer may have come while we asked.
        if found is Finding.AT_WORK or _is_readable(connection.pgconn.socket):
            return
        waited = _seconds(timedelta(seconds=time.monotonic() - self._began))
        if found is Finding.SILENT:
            raise connection.give_up(
                f"PostgreSQL has not answered for {waited}, and does not answer on another connection either"
            )
        raise connection.give_up(
            f"PostgreSQL has not answered for {waited}, and does not work on an answer: it was lost"
        )


def _watched(gen: PQGen[RV], look: Callable[[bool], None]) -> Generator[Any, Any, RV]:
    """The same generator, with a check each time that psycopg wakes up: a few times a second, and whenever data arrives."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            look(bool(ready))
            wanted = gen.send(ready)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def _what_it_does(parameters: dict[str, Any] | None, pid: int, patience: Patience) -> Finding:
    if parameters is None:
        return Finding.AT_WORK

    class Asking(_Limited):
        seconds = patience.answer.total_seconds()

    asking = parameters | {"connect_timeout": max(2, round(patience.answer.total_seconds())), "autocommit": True}
    try:
        with Asking.connect(**asking) as other:
            row = other.execute(_ASKED, [pid]).fetchone()
    except psycopg.Error as error:
        # It refuses us, and so it lives: too many connections, say.
        return Finding.AT_WORK if "FATAL" in str(error) else Finding.SILENT
    return Finding.AT_WORK if row is None or row[0] in _AT_WORK else Finding.LOST


def _give_up_after(end: float) -> None:
    if time.monotonic() >= end:
        raise psycopg.OperationalError("no answer in time")


def _is_readable(fileno: int) -> bool:
    poll = select.poll()
    poll.register(fileno, select.POLLIN)
    return bool(poll.poll(0))


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s"
