"""What is kept of the error that ended a job."""

from dataclasses import dataclass
from typing import Any

from storage.payloads.message import text_of
from storage.payloads.sanitise import beginning, ending, json_value

MESSAGE_LIMIT = 10_000
TRACEBACK_LIMIT = 32_000
TYPE_LIMIT = 500
REST_LIMIT_BYTES = 64 * 1024
"""Of whatever else a worker reports."""


@dataclass(frozen=True, slots=True)
class StoredError:
    """An error ready to be stored: everything that is known of it, and the two parts that people search for."""

    document: dict[str, Any]
    type: str | None
    message: str | None


def error_of(reported: Any) -> StoredError:
    """Reads what a worker reported: a JSON object as `broker.delivery.outcomes.Dead` describes it; anything else is taken for a message."""
    if not isinstance(reported, dict):
        reported = {} if reported is None else {"message": str(reported)}
    bounded = {
        name: cut(reported[name], limit)
        for name, (cut, limit) in _LIMITS.items()
        if text_of(reported.get(name)) is not None
    }
    rest = json_value({name: value for name, value in reported.items() if name not in bounded}, REST_LIMIT_BYTES)
    return StoredError(rest | bounded, bounded.get("type"), bounded.get("message"))


_LIMITS = {
    "type": (beginning, TYPE_LIMIT),
    "message": (beginning, MESSAGE_LIMIT),
    "traceback": (ending, TRACEBACK_LIMIT),
}
