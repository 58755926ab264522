"""Dramatiq's JSON, written and read by orjson: the same format, several times faster."""

from typing import Any

import orjson
from dramatiq.encoder import Encoder


class FastJSONEncoder(Encoder):
    """Compatible with Dramatiq's own `JSONEncoder` in both directions."""

    def encode(self, data: dict[str, Any]) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)

    def decode(self, data: bytes) -> dict[str, Any]:
        decoded: dict[str, Any] = orjson.loads(data)
        return decoded
