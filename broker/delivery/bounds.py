"""How large what a job leaves in Valkey may be: beyond it a part is kept, and says that it is one."""

from typing import Any

import orjson

RESULT_LIMIT_BYTES = 256 * 1024
"""As much as a message may have."""
PROGRESS_LIMIT_BYTES = 4 * 1024
ERROR_LIMIT_BYTES = 64 * 1024
BEGINNING_BYTES = 1024


def bounded(encoded: bytes, limit_bytes: int) -> bytes:
    """JSON as it is, or in place of what is too large an object that says how large it was, with the beginning of its text."""
    if len(encoded) <= limit_bytes:
        return encoded
    cut = {
        "size_bytes": len(encoded),
        "limit_bytes": limit_bytes,
        "beginning": encoded[:BEGINNING_BYTES].decode(errors="ignore"),
    }
    return orjson.dumps({"cut": cut})


def bounded_error(encoded: bytes, error: dict[str, Any]) -> bytes:
    """A dead job's error as it is, or the beginnings of its texts with a note."""
    if len(encoded) <= ERROR_LIMIT_BYTES:
        return encoded
    short = {str(name)[:100]: _beginning(value) for name, value in list(error.items())[:20]}
    return orjson.dumps(short | {"cut": {"size_bytes": len(encoded), "limit_bytes": ERROR_LIMIT_BYTES}})


def _beginning(value: Any) -> Any:
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**53):
        return value
    text = value if isinstance(value, str) else repr(value)
    return text[:BEGINNING_BYTES].encode(errors="replace").decode()
