"""Dramatiq's JSON, written and read by orjson: the same format, several times faster."""

import re
from typing import Any

import orjson
from dramatiq.encoder import Encoder, JSONEncoder

_PERHAPS_BEYOND_64_BITS = re.compile(rb"\d{19}")
_slow = JSONEncoder()


class FastJSONEncoder(Encoder):
    """Compatible with Dramatiq's own `JSONEncoder` in both directions.

    What orjson cannot write or would change (numbers beyond 64 bits, NaN, infinities, lone surrogates) goes the slow way.
    """

    def encode(self, data: dict[str, Any]) -> bytes:
        try:
            encoded = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
        except TypeError:
            return _slow.encode(data)
        # It may have been a NaN.
        return _slow.encode(data) if b"null" in encoded else encoded

    def decode(self, data: bytes) -> dict[str, Any]:
        if _PERHAPS_BEYOND_64_BITS.search(data):
            return _slow.decode(data)
        try:
            decoded: dict[str, Any] = orjson.loads(data)
        except orjson.JSONDecodeError:
            return _slow.decode(data)
        return decoded
