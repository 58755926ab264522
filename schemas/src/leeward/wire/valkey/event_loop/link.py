"""The connection of a client in each event loop that uses it, opened when it is needed."""

import asyncio
from collections.abc import Mapping
from typing import Any

import redis

from leeward.wire.valkey.connection import CONNECT_TIMEOUT
from leeward.wire.valkey.event_loop.connection import LoopConnection
from leeward.wire.valkey.event_loop.opening import open_connection
from leeward.wire.valkey.primary import CONFIRM_SECONDS, role_of
from leeward.wire.valkey.server_address import connection_options

_PRIMARY = {b"master", b""}


class Link:
    """Where commands are sent. For one loop at a time: in another one it opens another connection.

    Raises:
        InvalidAddress: the URL cannot be used.
    """

    def __init__(self, url: str) -> None:
        self._options: Mapping[str, Any] = connection_options(url)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: LoopConnection | None = None
        self._opening = asyncio.Lock()

    @property
    def user(self) -> str:
        return str(self._options.get("username") or "default")

    def ready(self, loop: asyncio.AbstractEventLoop) -> LoopConnection | None:
        """The connection, where it is open and was used a moment ago: otherwise the server behind it may be the primary no more."""
        connection, now = self._connection, loop.time()
        if connection is None or loop is not self._loop or not connection.is_open:
            return None
        if now - connection.used_at > CONFIRM_SECONDS:
            return None
        connection.used_at = now
        return connection

    async def open(self, loop: asyncio.AbstractEventLoop, end: float) -> LoopConnection:
        """The connection, opened or confirmed.

        Raises:
            redis.RedisError: that is not possible by the end.
        """
        if loop is not self._loop:
            self._loop, self._connection, self._opening = loop, None, asyncio.Lock()
        try:
            async with asyncio.timeout_at(end):
                await self._opening.acquire()
        except TimeoutError as error:
            raise redis.TimeoutError("Timeout connecting to server") from error
        try:
            return self.ready(loop) or await self._confirmed(loop, end) or await self._open(loop, end)
        finally:
            self._opening.release()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _confirmed(self, loop: asyncio.AbstractEventLoop, end: float) -> LoopConnection | None:
        """The open connection, where its server says that it takes writes."""
        connection = self._connection
        if connection is None or not connection.is_open:
            return None
        try:
            # Every user may ask this, whatever the ACL says.
            role = role_of(await connection.send(("HELLO",), halfway(loop.time(), end)))
        except redis.ResponseError:  # a proxy that does not know it
            role = b""
        except redis.RedisError:
            return None
        if role not in _PRIMARY:
            connection.close()
            return None
        connection.used_at = loop.time()
        return connection

    async def _open(self, loop: asyncio.AbstractEventLoop, end: float) -> LoopConnection:
        connect_seconds = float(self._options.get("socket_connect_timeout", CONNECT_TIMEOUT.total_seconds()))
        self._connection = await open_connection(self._options, min(end, loop.time() + connect_seconds))
        return self._connection


def halfway(now: float, end: float) -> float:
    """Until when to wait on a connection that was open before: it may lead nowhere, and there must be time for another."""
    return now + (end - now) / 2
