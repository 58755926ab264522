"""The bytes of a file as they are sent, no coding undone. Of large files in large pieces, straight from the connection."""

from collections.abc import Iterator
from itertools import cycle

import httpcore
import httpx

from providers.downloads.network.framing import announced_length
from providers.downloads.problems import AnswerBroken
from providers.http_client.address_guard import AddressRefused
from providers.http_client.sockets import BoundedStream
from providers.http_client.time_limits import TimeLimits

Piece = bytes | memoryview

LARGE_BYTES = 256 * 1024
"""Below this, what a library reads is as good."""
_AT_ONCE_BYTES = 1024**2
KNOWN = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    AddressRefused,
)
"""The errors that mean something as they are."""


def body(response: httpcore.Response, limits: TimeLimits, read_timeout_seconds: float) -> Iterator[Piece]:
    """Once the file has begun, its speed is what counts, and each silence in it; what is no byte of the file is silence.

    Each piece stays as it is until the next but one is asked for.

    Raises:
        httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError: it breaks off.
        AnswerBroken: it cannot be read.
    """
    pieces = _pieces(response, read_timeout_seconds)
    while True:
        try:
            piece = next(pieces, None)
        except KNOWN:
            raise
        except Exception as error:
            raise AnswerBroken(f"cannot be read on ({type(error).__name__})") from error
        if piece is None:
            return
        limits.lift()
        limits.progressed()
        yield piece


def _pieces(response: httpcore.Response, read_timeout_seconds: float) -> Iterator[Piece]:
    stream = response.extensions.get("network_stream")
    length = announced_length(httpx.Headers(response.headers))
    pieces = response.iter_stream()
    if length is None or length < LARGE_BYTES or not isinstance(stream, BoundedStream):
        yield from pieces
        return
    # With its first piece the library hands out all that it has read: what is left is the connection's. It closes that once
    # its iterator is let go.
    first = next(pieces, b"")
    yield first
    yield from _rest(stream, length - len(first), read_timeout_seconds)


def _rest(stream: BoundedStream, left: int, read_timeout_seconds: float) -> Iterator[memoryview]:
    for buffer in cycle((memoryview(bytearray(_AT_ONCE_BYTES)), memoryview(bytearray(_AT_ONCE_BYTES)))):
        if not left:
            return
        received = stream.read_into(buffer[: min(left, _AT_ONCE_BYTES)], read_timeout_seconds)
        if not received:
            raise httpcore.RemoteProtocolError(f"the connection was closed {left} bytes early")
        left -= received
        yield buffer[:received]
