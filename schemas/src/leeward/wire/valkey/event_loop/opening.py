"""Opens a connection in an event loop: the socket, TLS, the user, the database."""

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import redis

from leeward.wire.valkey.event_loop.connection import LoopConnection
from leeward.wire.valkey.primary import SocketConnection, TlsConnection


async def open_connection(options: Mapping[str, Any], end: float) -> LoopConnection:
    """A connection that is ready for commands.

    Args:
        options: `connection_options` of the address.
        end: by when, in the loop's time.

    Raises:
        redis.RedisError: the server cannot be reached by then, or refuses.
    """
    loop = asyncio.get_running_loop()
    connection = LoopConnection(loop)
    try:
        async with asyncio.timeout_at(end):
            await _connect(loop, connection, options)
            for answer in [connection.send(command, end) for command in _greeting(options)]:
                await answer
    except TimeoutError as error:
        connection.close()
        raise redis.TimeoutError("Timeout connecting to server") from error
    except OSError as error:
        connection.close()
        raise redis.ConnectionError(f"Error connecting to {_place(options)}: {error}") from error
    except BaseException:
        connection.close()
        raise
    return connection


async def _connect(loop: asyncio.AbstractEventLoop, connection: LoopConnection, options: Mapping[str, Any]) -> None:
    kind = options["connection_class"]
    if kind is SocketConnection:
        await loop.create_unix_connection(lambda: connection, options["path"])
        return
    tls: dict[str, Any] = {}
    if kind is TlsConnection:
        from redis.asyncio.connection import SSLConnection

        named = {name: value for name, value in options.items() if name.startswith("ssl_")}
        tls = {"ssl": SSLConnection(**named).ssl_context.get()}
    transport, _ = await loop.create_connection(
        lambda: connection, options.get("host", "localhost"), options.get("port", 6379), **tls
    )
    if options.get("socket_keepalive") and (opened := transport.get_extra_info("socket")) is not None:
        with suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def _greeting(options: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    user, password = options.get("username") or "default", options.get("password")
    name, database = options.get("client_name"), options.get("db")
    if options.get("protocol", 3) == 3:  # noqa: PLR2004 # the protocol's name
        yield ("HELLO", 3, *(("AUTH", user, password) if password else ()), *(("SETNAME", name) if name else ()))
    else:
        if password:
            yield ("AUTH", *([user] if options.get("username") else []), password)
        if name:
            yield ("CLIENT", "SETNAME", name)
    if database:
        yield ("SELECT", database)


def _place(options: Mapping[str, Any]) -> str:
    return str(options.get("path") or f"{options.get('host', 'localhost')}:{options.get('port', 6379)}")
