"""An exception as the JSON that travels with a job."""

import traceback
from typing import Any

MESSAGE_LIMIT = 2_000
TRACEBACK_LIMIT = 16_000


def describe(error: BaseException) -> dict[str, Any]:
    """Type, message and traceback, long parts visibly cut; `provider`, `operation` and `status` where the error has them."""
    described: dict[str, Any] = {
        "type": type(error).__name__,
        "message": shortened(str(error), MESSAGE_LIMIT),
        "traceback": shortened("".join(traceback.format_exception(error)), TRACEBACK_LIMIT, keep_end=True),
    }
    for name in ("provider", "operation", "status"):
        value = getattr(error, name, None)
        if isinstance(value, str | int):
            described[name] = value
    return described


def shortened(text: str, limit: int, *, keep_end: bool = False) -> str:
    """The text, or its beginning (or end) with a note of how much is missing."""
    if len(text) <= limit:
        return text
    note = f"[{len(text) - limit} characters cut]"
    return f"{note} ...{text[-limit:]}" if keep_end else f"{text[:limit]}... {note}"
