"""A body read to its end, or to its limit: what counts is its size after decompression."""

from collections.abc import Iterable, Iterator

from providers.http_client.inflation import Damaged, inflated

ACCEPTED_CODINGS = "gzip"
_IDENTITY = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})


class BodyTooLarge(Exception):
    """Raised when a body is larger than its limit.

    Attributes:
        beginning: as many bytes as the limit allows.
    """

    def __init__(self, limit_bytes: int, beginning: bytes) -> None:
        super().__init__(f"more than {limit_bytes} bytes")
        self.beginning = beginning


class BodyUndecodable(Exception):
    """Raised when a body is in a coding that was not asked for, or is damaged."""


def read_body(chunks: Iterable[bytes], content_encoding: str, limit_bytes: int) -> bytes:
    """The decoded body.

    Raises:
        BodyTooLarge: as it is sent, or decoded, it is larger than the limit.
        BodyUndecodable: see there.
        Exception: whatever reading the chunks raises.
    """
    coding = content_encoding.strip().lower()
    if coding not in _IDENTITY | _GZIP:
        raise BodyUndecodable("a content coding that was not requested")
    decoded = bytearray()
    for piece in chunks if coding in _IDENTITY else _unzipped(chunks, limit_bytes):
        decoded += piece
        if len(decoded) > limit_bytes:
            raise BodyTooLarge(limit_bytes, bytes(decoded[:limit_bytes]))
    return bytes(decoded)


def _unzipped(chunks: Iterable[bytes], limit_bytes: int) -> Iterator[bytes]:
    try:
        yield from inflated(_limited(chunks, limit_bytes), "gzip", at_once=limit_bytes + 1)
    except Damaged as damage:
        raise BodyUndecodable(str(damage)) from None


def _limited(chunks: Iterable[bytes], limit_bytes: int) -> Iterator[bytes]:
    """A stream may also expand to nothing, for ever."""
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > limit_bytes:
            raise BodyTooLarge(limit_bytes, b"")
        yield chunk
