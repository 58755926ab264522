"""Connections whose every call is within the time limits of its exchange."""

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

from providers.http_client.resolution import Resolver, resolve, resolve_within
from providers.http_client.time_limits import OutOfTime, current_time_limits

_DEFAULT_SECONDS = 60.0
_GREETING = b"HTTP/"
_WRITE_AT_ONCE = 64 * 1024


class NotHttp(httpcore.RemoteProtocolError):
    """Raised when what a host says first is no HTTP: another service listens there, or one that wants TLS."""


class ResolutionFailed(httpcore.ConnectError):
    """Raised when a host's name does not resolve, or not in time."""


class Sockets(httpcore.NetworkBackend):
    """Resolves, connects and reads within `time_limits`.

    Args:
        resolver: host names to addresses.
        allowed: drops the addresses of a host that must not be connected to; raises when none is left.
    """

    def __init__(
        self,
        *,
        resolver: Resolver = resolve,
        allowed: Callable[[str, Sequence[str]], Sequence[str]] = lambda _host, addresses: addresses,
    ) -> None:
        self._resolver = resolver
        self._allowed = allowed
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first allowed address that answers. `timeout` is for the name, and again for each address.

        Raises:
            ResolutionFailed: the name does not resolve.
            httpcore.ConnectError, httpcore.ConnectTimeout: no address answers.
            Exception: what `allowed` raises.
        """
        failure: Exception | None = None
        for address in self._allowed(host, self._addresses(host, port, timeout)):
            seconds = _step(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return BoundedStream(stream)
        raise failure or ResolutionFailed(f"{host} has no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("local sockets are not connected to")

    def _addresses(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        try:
            return resolve_within(self._resolver, host, port, _step(timeout, httpcore.ConnectTimeout))
        except (OSError, ValueError) as error:  # gaierror; a label that is empty or too long for IDNA
            raise ResolutionFailed(f"{host} does not resolve") from error


class BoundedStream(httpcore.NetworkStream):
    """One connection. What it reads first must be the beginning of an HTTP answer."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._greeting: bytes | None = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            seconds = current_time_limits().of_wait(_DEFAULT_SECONDS if timeout is None else timeout)
        except OutOfTime:
            raise httpcore.ReadTimeout("the answer took too long") from None
        received = self._stream.read(max_bytes, seconds)
        self._check_greeting(received)
        return received

    def read_into(self, buffer: memoryview, timeout: float) -> int:
        """Waits for bytes within the time limits, and takes those that have come by then; 0 at the end.

        Raises:
            httpcore.ReadTimeout, httpcore.ReadError: none came.
        """
        connection: socket.socket = self.get_extra_info("socket")
        try:
            connection.settimeout(current_time_limits().of_wait(timeout))
            received = connection.recv_into(buffer)
        except (OutOfTime, TimeoutError):
            raise httpcore.ReadTimeout("the answer took too long") from None
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        while received < len(buffer) and (more := _without_waiting(connection, buffer[received:])):
            received += more
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In pieces, each with what time is left: one call may wait again for every byte that the other end takes.
        rest = memoryview(buffer)
        while rest:
            self._stream.write(bytes(rest[:_WRITE_AT_ONCE]), _step(timeout, httpcore.WriteTimeout))
            rest = rest[_WRITE_AT_ONCE:]
        current_time_limits().progressed()

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return BoundedStream(
            self._stream.start_tls(ssl_context, server_hostname, _step(timeout, httpcore.ConnectTimeout))
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _check_greeting(self, received: bytes) -> None:
        if self._greeting is None or not received:
            return
        self._greeting += received[: len(_GREETING)]
        if not self._greeting.startswith(_GREETING[: len(self._greeting)]):
            raise NotHttp("the answer is not HTTP")
        if len(self._greeting) >= len(_GREETING):
            self._greeting = None


def _without_waiting(connection: socket.socket, buffer: memoryview) -> int:
    """What is there already. An end or an error is there to be met by the next call that waits."""
    connection.settimeout(0)
    try:
        return connection.recv_into(buffer)
    except OSError:
        return 0


def _step(timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
    try:
        return current_time_limits().of_step(_DEFAULT_SECONDS if timeout is None else timeout)
    except OutOfTime:
        raise error("the exchange took too long") from None
