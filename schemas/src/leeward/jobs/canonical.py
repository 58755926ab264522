"""Canonical JSON (RFC 8785) and the fingerprint of a payload: the same work has the same bytes in every program."""

import hashlib
import json
import math
from contextlib import suppress
from decimal import Decimal
from typing import Any

from leeward.errors import Invalid

_LARGEST_EXACT = 2**53 - 1
_PLAIN_BELOW = 21
"""Numbers below 1e21 and from 1e-6 on are written without an exponent (ECMA-262, Number::toString)."""
_SMALLEST_PLAIN = -6


def fingerprint(actor: str, payload: Any) -> str:
    """SHA-256 over what a job asks for, in hex. Key order and spacing do not matter.

    Raises:
        Invalid: the payload holds something that JSON cannot express exactly.
    """
    try:
        return hashlib.sha256(canonical([actor, payload]).encode()).hexdigest()
    except RecursionError:
        raise Invalid("the payload is nested too deeply") from None


def canonical(value: Any) -> str:
    """RFC 8785: no white space, members sorted by UTF-16 code units, numbers as ECMAScript writes them.

    Equal numbers are written alike, and different values never. A whole number that is no double, which RFC 8785 does not know, is written
    in full with an `n` behind it.

    Raises:
        Invalid: a number that is no finite double, or a value that is not JSON.
    """
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            return _integer(value)
        case float():
            return _number(float(value))
        case list() | tuple():
            return "[" + ",".join(map(canonical, value)) + "]"
        case dict():
            return _object(value)
    raise Invalid(f"{type(value).__name__} is not JSON")


def _object(members: dict[str, Any]) -> str:
    if not all(isinstance(name, str) for name in members):
        raise Invalid("the names of an object's members are texts in JSON")
    ordered = sorted(members.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(f"{canonical(name)}:{canonical(value)}" for name, value in ordered) + "}"


def _integer(value: int) -> str:
    if abs(value) <= _LARGEST_EXACT:
        return str(int(value))
    # Beyond it a double cannot distinguish neighbouring numbers.
    with suppress(OverflowError):
        if int(float(value)) == value:
            return _number(float(value))
    return f"{int(value)}n"


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise Invalid(f"{value} is not a JSON number")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    point = len(text) + exponent
    minus = "-" if sign and value else ""
    if not value:
        return "0"
    if len(text) <= point <= _PLAIN_BELOW:
        return minus + text + "0" * (point - len(text))
    if 0 < point <= _PLAIN_BELOW:
        return f"{minus}{text[:point]}.{text[point:]}"
    if _SMALLEST_PLAIN < point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    mantissa = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
    return f"{minus}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
