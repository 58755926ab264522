"""Bytes of any length that need no memory and no disk: the same seed gives the same bytes, at every offset."""

import hashlib
import random
from collections.abc import Iterator
from functools import lru_cache

BLOCK_BYTES = 64 * 1024
_STAMP_BYTES = 16


def content(seed: str, first: int, length: int) -> Iterator[bytes]:
    """`length` bytes from offset `first` on, in chunks of a block or less."""
    end = first + length
    while first < end:
        number, offset = divmod(first, BLOCK_BYTES)
        chunk = _block(seed, number)[offset : offset + end - first]
        yield chunk
        first += len(chunk)


def sha256_of(seed: str, size: int) -> str:
    """The checksum of the first `size` bytes, in hex."""
    digest = hashlib.sha256()
    for chunk in content(seed, 0, size):
        digest.update(chunk)
    return digest.hexdigest()


def _block(seed: str, number: int) -> bytes:
    # The stamp makes every block another one, so that bytes put in a wrong place never go unnoticed.
    stamp = hashlib.blake2b(f"{seed}/{number}".encode(), digest_size=_STAMP_BYTES).digest()
    return stamp + _filling(seed)


@lru_cache(maxsize=64)
def _filling(seed: str) -> bytes:
    return random.Random(seed).randbytes(BLOCK_BYTES - _STAMP_BYTES)
