"""A body read to its end, or to its limit: what counts is its size after decompression."""

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED_CODINGS = "gzip"
_GZIP_WINDOW = 31
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
    for piece in _plain(chunks, limit_bytes) if coding in _IDENTITY else _unzipped(chunks, limit_bytes):
        decoded += piece
        if len(decoded) > limit_bytes:
            raise BodyTooLarge(limit_bytes, bytes(decoded[:limit_bytes]))
    return bytes(decoded)


def _plain(chunks: Iterable[bytes], _limit_bytes: int) -> Iterator[bytes]:
    yield from chunks


def _unzipped(chunks: Iterable[bytes], limit_bytes: int) -> Iterator[bytes]:
    """Never more than one byte over the limit at once, whatever a few bytes expand to."""
    unzip, received, has_begun = zlib.decompressobj(_GZIP_WINDOW), 0, False
    for chunk in chunks:
        received += len(chunk)
        if received > limit_bytes:  # a stream may also expand to nothing, for ever
            raise BodyTooLarge(limit_bytes, b"")
        rest = chunk
        while rest:
            if unzip.eof:  # another member follows (RFC 1952 §2.2)
                unzip = zlib.decompressobj(_GZIP_WINDOW)
            has_begun = True
            try:
                yield unzip.decompress(rest, limit_bytes + 1)
            except zlib.error:
                raise BodyUndecodable("damaged gzip data") from None
            rest = unzip.unused_data if unzip.eof else unzip.unconsumed_tail
    if has_begun and not unzip.eof:
        raise BodyUndecodable("gzip data that ends early")
