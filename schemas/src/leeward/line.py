"""A connection that a thread keeps for its scripts.

redis-py takes a connection from its pool, tests it and gives it back for every command. That is most of what a small script costs, so a
thread that sends scripts keeps its connection, and looks whether it is still good only after a pause.
"""

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import redis

IDLE_SECONDS = 1.0
"""After this long the server may have gone away unnoticed."""


class _Line:
    """One thread's connection. Goes back to its pool when the thread ends."""

    def __init__(self, pool: redis.ConnectionPool) -> None:
        self._pool = pool
        self._pid = os.getpid()
        self._used_at = time.monotonic()
        self._connection: Any = pool.get_connection()

    def __del__(self) -> None:
        # A child process must not touch its parent's sockets.
        if getattr(self, "_connection", None) is not None and self._pid == os.getpid():
            with suppress(Exception):
                self._pool.release(self._connection)

    @property
    def is_ours(self) -> bool:
        return self._pid == os.getpid()

    def ask(self, command: Sequence[Any]) -> Any:
        connection, now = self._connection, time.monotonic()
        try:
            if now - self._used_at > IDLE_SECONDS:
                _refresh(connection)
            self._used_at = now
            connection.send_command(*command)
            return connection.read_response()
        except redis.ReadOnlyError:
            connection.disconnect()  # to a server that is no longer the primary
            raise
        except redis.ResponseError:
            raise
        except BaseException:
            # Whatever interrupted us, an answer may still be on its way: nobody must read it as the answer to another question.
            connection.disconnect()
            raise


def _refresh(connection: Any) -> None:
    """Connects anew when the other side has hung up meanwhile."""
    try:
        stale = connection.can_read()
    except (redis.ConnectionError, redis.TimeoutError, OSError):
        stale = True
    if stale:
        connection.disconnect()
        connection.connect()


class _Lines(threading.local):
    def __init__(self) -> None:
        self.of: WeakKeyDictionary[redis.ConnectionPool, _Line] = WeakKeyDictionary()


_lines = _Lines()


def ask(client: redis.Redis, *command: Any) -> Any:
    """Sends a command on this thread's connection and returns the answer. Does not repeat it.

    Raises:
        redis.RedisError: the server could not be asked, or refused.
    """
    pool = client.connection_pool
    line = _lines.of.get(pool)
    if line is None or not line.is_ours:
        line = _lines.of[pool] = _Line(pool)
    return line.ask(command)
