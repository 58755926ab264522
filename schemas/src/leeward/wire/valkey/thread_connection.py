"""A connection that a thread keeps for its scripts.

redis-py takes a connection from its pool, tests it and gives it back for every command. That is most of what a small script costs, so a
thread that sends scripts keeps its connection, and looks whether it is still good only after a pause.
"""

import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import redis

from leeward.wire.valkey.primary import Following, is_no_primary
from leeward.wire.valkey.time_limit import limit

try:
    import hiredis
except ImportError:  # the contract's package does without
    hiredis = None  # type: ignore[assignment]

UNDERWAY = 2
"""Commands sent and not answered yet: one for the server to work on, one waiting for it."""
IDLE_SECONDS = 0.05
"""After this long the server may have closed the connection unnoticed; within it, a caller is active and repeats the request itself."""


NEAR_ENOUGH_SECONDS = 0.02
"""So much longer than its time limit a call may take."""
_forks = 0


def _note_fork() -> None:
    global _forks  # noqa: PLW0603 # of this process
    _forks += 1


# Asking for the process's id on every call would cost more.
os.register_at_fork(after_in_child=_note_fork)


class _Line:
    """One thread's connection. Goes back to its pool when the thread ends."""

    def __init__(self, pool: redis.ConnectionPool) -> None:
        self._pool = pool
        self._forks = _forks
        self._used_at = time.monotonic()
        self._connection: Any = pool.get_connection()
        # Most of a process's answers come this way: a wrapper around each would cost more than the check of those that are errors.
        self._read = (
            super(Following, self._connection).read_response
            if isinstance(self._connection, Following)
            else self._connection.read_response
        )
        self._is_limited = False
        self._can_be_limited = isinstance(self._connection, Following)

    def __del__(self) -> None:
        # A child process must not touch its parent's sockets.
        if getattr(self, "_connection", None) is not None and self._forks == _forks:
            with suppress(Exception):
                self._pool.release(self._connection)

    @property
    def is_ours(self) -> bool:
        return self._forks == _forks

    def ask(self, command: Sequence[Any]) -> Any:
        """The answer to one command."""
        connection = self._connection
        try:
            self._make_ready(time.monotonic())
            connection.send_packed_command(_packed(connection, command), check_health=False)
            return self._read()
        except BaseException as error:
            if not isinstance(error, redis.ResponseError) or is_no_primary(error):
                self._leave(error)
            raise

    def ask_in_turn(self, commands: Iterable[Sequence[Any]]) -> Iterator[Any]:
        """The answers in order. The next command is on its way while the server works on the one before it."""
        connection, underway = self._connection, 0
        try:
            self._make_ready(time.monotonic())
            for command in commands:
                connection.send_packed_command(_packed(connection, command), check_health=False)
                underway += 1
                if underway == UNDERWAY:
                    underway -= 1
                    yield self._read()
            while underway:
                underway -= 1
                yield self._read()
        except redis.ResponseError as error:
            _await_the_rest(connection, underway)
            if is_no_primary(error):
                self._leave(error)
            raise
        except BaseException as error:
            # After any interruption an answer may still be on its way: it must not be read as the answer to another request.
            self._leave(error)
            raise

    def _make_ready(self, now: float) -> None:
        if now - self._used_at > IDLE_SECONDS or self._connection.should_reconnect():
            _refresh(self._connection)
        self._used_at = now
        if limit.end is not None or self._is_limited:
            self._limit_answers(limit.end, now)

    def _limit_answers(self, end: float | None, now: float) -> None:
        """Each answer comes within the thread's limit. A connection that was open before may lead nowhere: it gets half of what is left, so
        that there is time for a new one.
        """
        connection = self._connection
        if not self._can_be_limited:
            return
        self._is_limited = end is not None
        if not connection.is_connected:
            connection.connect()
        if end is None:
            connection.limit_answers(connection.socket_timeout)
            return
        left_seconds = end - time.monotonic()
        seconds = left_seconds / 2 if connection.opened_at < now else left_seconds
        # To set it costs a call of the system.
        if connection.answer_seconds is None or abs(connection.answer_seconds - seconds) > NEAR_ENOUGH_SECONDS:
            connection.limit_answers(seconds)

    def _leave(self, error: BaseException) -> None:
        if isinstance(self._connection, Following):
            self._connection.note(error)
        self._connection.disconnect()


def _packed(connection: Any, command: Sequence[Any]) -> Any:
    # redis-py looks at every argument before it packs them; ours are text, bytes and numbers.
    return (hiredis.pack_command(tuple(command)),) if hiredis else connection.pack_command(*command)


def _refresh(connection: Any) -> None:
    """Connects again when the other side has closed the connection in the meantime, or is no longer the primary."""
    try:
        stale = connection.can_read()
    except (redis.ConnectionError, redis.TimeoutError, OSError):
        stale = True
    if stale:
        connection.disconnect()
    connection.connect()


def _await_the_rest(connection: Any, underway: int) -> None:
    """Reads what is underway, so that a command which is sent again cannot be overtaken by itself."""
    try:
        for _ in range(underway):
            with suppress(redis.ResponseError):
                connection.read_response()
    except BaseException:
        connection.disconnect()
        raise


class _Lines(threading.local):
    def __init__(self) -> None:
        self.of: WeakKeyDictionary[redis.ConnectionPool, _Line] = WeakKeyDictionary()


_lines = _Lines()


def ask(client: redis.Redis, *command: Any) -> Any:
    """Sends a command on this thread's connection and returns the answer. Does not repeat it.

    Raises:
        redis.RedisError: the server could not be asked, or refused.
    """
    return _line(client.connection_pool).ask(command)


def ask_in_turn(client: redis.Redis, commands: Iterable[Sequence[Any]]) -> Iterator[Any]:
    """Sends commands one after the other, each while the server works on the one before it; their answers in order.

    To be read to its end. When it raises, the commands that have no answer yet may or may not have been run.

    Raises:
        redis.RedisError: the server could not be asked, or refused.
    """
    return _line(client.connection_pool).ask_in_turn(commands)


def _line(pool: redis.ConnectionPool) -> _Line:
    line = _lines.of.get(pool)
    if line is None or not line.is_ours:
        line = _lines.of[pool] = _Line(pool)
    return line
