"""How the end of a body is marked (RFC 9112 §6). A rule over fields."""

import httpx

_MOST_DIGITS = 18


def announced_length(headers: httpx.Headers) -> int | None:
    """The bytes that follow; None when no usable number says so, or chunks do."""
    value = headers.get("content-length", "")
    if not (value.isascii() and value.isdecimal()) or is_chunked(headers):
        return None
    return int(value) if len(value) <= _MOST_DIGITS else 10**_MOST_DIGITS  # larger than any limit, as it is


def is_chunked(headers: httpx.Headers) -> bool:
    return "chunked" in headers.get("transfer-encoding", "").lower()
