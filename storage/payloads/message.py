"""Dramatiq's encoded messages, read with nothing taken for granted."""

import json
from typing import Any

import orjson

from storage.payloads.sanitise import depth

_DEEPEST = 200
"""Far below what Python's recursion allows, so that later code need not check."""


def opened(message: bytes) -> dict[str, Any] | None:
    """The JSON object that a message is; None for bytes that are none."""
    body = _parsed(message)
    return body if isinstance(body, dict) and depth(body) <= _DEEPEST else None


def closed(body: dict[str, Any]) -> bytes:
    """The bytes of a message."""
    return json.dumps(body, separators=(",", ":")).encode()


def payload_of(body: dict[str, Any]) -> Any:
    """What a message asks for: the payload of a contract job, the arguments of a stock actor; all of what is neither."""
    if not body.keys() & {"args", "kwargs"}:
        return body
    kwargs = body.get("kwargs")
    if isinstance(kwargs, dict) and kwargs.keys() == {"payload"} and not body.get("args"):
        return kwargs["payload"]
    return {"args": body.get("args"), "kwargs": kwargs}


def member(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A member that should be an object; empty when it is anything else."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def text_of(value: object) -> str | None:
    """A string, if it is one and says something."""
    return value if isinstance(value, str) and value else None


def int_of(value: object, *, default: int = 0) -> int:
    """A whole number that fits PostgreSQL's integer, from a number or its text."""
    try:
        number = int(value) if isinstance(value, int | float | str | bytes) else default
    except (ValueError, OverflowError):
        return default
    return number if 0 <= number < 2**31 else default


def _parsed(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        # Python's own reader, and so Dramatiq's default encoder, knows more than the RFC: NaN, lone surrogates.
        try:
            return json.loads(raw.decode())
        except (ValueError, RecursionError):
            return None
