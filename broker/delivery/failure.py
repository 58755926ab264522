"""An exception as the JSON that travels with a job."""

import traceback
from collections.abc import Callable
from typing import Any

from leeward.extension.errors import ProviderError
from leeward.redaction import cleaned

MESSAGE_LIMIT = 2_000
TRACEBACK_LIMIT = 16_000


def describe(error: BaseException, clean: Callable[[str], str] = cleaned) -> dict[str, Any]:
    """Type, message and traceback, long parts visibly cut; `provider`, `operation` and `status` where the error has them; of a provider's
    error also its `code`, and for a class that a client derives from one of `leeward.extension.errors` `provider_error`, the nearest of
    those, which says what the error means.

    Args:
        error: any exception, also one that cannot say what it is.
        clean: takes out of a text what must not be seen. Before the cut, which could leave half of it.
    """
    described: dict[str, Any] = {
        "type": type(error).__name__,
        "message": shortened(clean(message_of(error)), MESSAGE_LIMIT),
        "traceback": shortened(clean(_traceback_of(error)), TRACEBACK_LIMIT, keep_end=True),
    }
    if (meaning := _meaning(type(error))) not in {None, type(error).__name__}:
        described["provider_error"] = meaning
    if isinstance(error, ProviderError):
        described["code"] = clean(_writable(error.code))
    for name in ("provider", "operation", "status"):
        value = getattr(error, name, None)
        if isinstance(value, str):
            described[name] = clean(_writable(value))
        elif isinstance(value, int):
            described[name] = value
    return described


def _meaning(error: type[BaseException]) -> str | None:
    return next((one.__name__ for one in error.__mro__ if one.__module__ == ProviderError.__module__), None)


def message_of(error: BaseException) -> str:
    """What an exception says, as text that can be written anywhere."""
    try:
        return _writable(str(error))
    except Exception:
        return f"<a {type(error).__name__} that cannot be written down>"


def shortened(text: str, limit: int, *, keep_end: bool = False) -> str:
    """The text, or its beginning (or end) with a note of how much is missing."""
    if len(text) <= limit:
        return text
    note = f"[{len(text) - limit} characters cut]"
    return f"{note} ...{text[-limit:]}" if keep_end else f"{text[:limit]}... {note}"


def _traceback_of(error: BaseException) -> str:
    return _writable("".join(traceback.format_exception(error)))


def _writable(text: str) -> str:
    """Without lone surrogates, as file names of undecodable bytes have them: no UTF-8, so no JSON, could hold them."""
    return text.encode("utf-8", "backslashreplace").decode()
