"""A connection of an event loop. The commands of all its tasks follow each other on it, and so do their answers."""

import asyncio
from collections import deque
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

import redis
from redis.connection import Connection

from leeward.wire.valkey.event_loop.answers import INCOMPLETE, answers, is_push
from leeward.wire.valkey.event_loop.watch import Watch
from leeward.wire.valkey.primary import is_no_primary

hiredis: Any
try:
    import hiredis
except ImportError:  # the contract's package does without
    hiredis = None

_CLOSED = "Connection closed by server."


class LoopConnection(asyncio.Protocol):
    """One open connection. To be used in its loop only.

    A task that is cancelled while it waits leaves its answer to be passed over. After a failure, and after an answer that the server is not
    the primary, no one uses the connection again: all who wait get an error, and may ask again on another.

    Attributes:
        is_open: whether commands can be sent.
        used_at: when it was used last, by the loop's time.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._answers = answers()
        self._waiting: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._watch = Watch(loop, self._ends, self._give_up)
        self._transport: asyncio.Transport | None = None
        self.is_open = False
        self.used_at = loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self.is_open = cast(asyncio.Transport, transport), True

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(redis.ConnectionError(str(exc) if exc else _CLOSED))

    def data_received(self, data: bytes) -> None:
        reader = self._answers
        try:
            reader.feed(data)
            while (answer := reader.gets()) is not INCOMPLETE:
                if is_push(answer):
                    continue
                _, waiting = self._waiting.popleft()
                if isinstance(answer, redis.RedisError):
                    self._refuse(answer, waiting)
                elif not waiting.done():
                    waiting.set_result(answer)
        except (redis.RedisError, ValueError, IndexError) as error:
            self._fail(redis.ConnectionError(f"Valkey's answer cannot be read: {error}"))

    def send(self, command: Sequence[Any], end: float) -> "asyncio.Future[Any]":
        """Sends a command. What it returns has the answer, or raises what the server refused, or `redis.TimeoutError` at the end.

        Raises:
            redis.ConnectionError: the connection is closed.
        """
        if not self.is_open or self._transport is None:
            raise redis.ConnectionError(_CLOSED)
        waiting = self._loop.create_future()
        self._waiting.append((end, waiting))
        self._transport.write(packed(command))
        self._watch.until(end)
        return waiting

    def close(self) -> None:
        self._fail(redis.ConnectionError("the client is closed"))

    def _refuse(self, error: redis.RedisError, waiting: "asyncio.Future[Any]") -> None:
        if not waiting.done():
            waiting.set_exception(error)
        if is_no_primary(error) or isinstance(error, redis.ConnectionError):
            self._fail(redis.ConnectionError(str(error)))

    def _ends(self) -> list[float]:
        return [end for end, waiting in self._waiting if not waiting.done()]

    def _give_up(self) -> None:
        """An answer is late: what comes now would be for a command of before."""
        self._fail(redis.TimeoutError("Timeout reading from socket"))

    def _fail(self, error: redis.RedisError) -> None:
        self.is_open = False
        self._watch.stop()
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
        while self._waiting:
            _, waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(type(error)(*error.args))
                waiting.exception()  # no one may wait for it any more


def packed(command: Sequence[Any]) -> bytes:
    """A command as it travels."""
    if hiredis is not None:
        return cast(bytes, hiredis.pack_command(tuple(command)))
    return b"".join(_packer().pack_command(*command))


@cache
def _packer() -> Connection:
    return Connection()
