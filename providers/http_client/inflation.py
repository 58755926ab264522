"""Decompression of what comes from outside, a bounded piece at a time: a few bytes may expand to a thousand times as many."""

import zlib
from collections.abc import Iterable, Iterator

_GZIP_WINDOW = 31
_ZLIB_WINDOW = 15
_RAW_WINDOW = -15
_CODINGS = {"gzip": _GZIP_WINDOW, "x-gzip": _GZIP_WINDOW, "deflate": _ZLIB_WINDOW}
CODINGS = frozenset(_CODINGS)
"""The names that `Content-Encoding` has for them (RFC 9110 §8.4.1)."""


class Damaged(Exception):
    """Raised when data is not what its coding says, or ends early."""


def inflated(chunks: Iterable[bytes], coding: str, *, at_once: int) -> Iterator[bytes]:
    """The plain bytes, never more than `at_once` of them at a time, however little they came from.

    Raises:
        Damaged: see there.
        Exception: whatever reading the chunks raises.
    """
    inflate = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if inflate is None or inflate.eof:  # the first member, or another one that follows (RFC 1952 §2.2)
                inflate = zlib.decompressobj(_window(coding, rest))
            try:
                yield inflate.decompress(rest, at_once)
            except zlib.error:
                raise Damaged(f"damaged {coding} data") from None
            rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    if inflate is not None and not inflate.eof:
        raise Damaged(f"{coding} data that ends early")


def _window(coding: str, beginning: bytes) -> int:
    """Some hosts send `deflate` without the envelope that it should have (RFC 9110 §8.4.1.2)."""
    is_bare = coding == "deflate" and beginning[0] & 0x0F != zlib.DEFLATED
    return _RAW_WINDOW if is_bare else _CODINGS[coding]
