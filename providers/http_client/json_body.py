"""JSON from outside: strict, and bounded in depth and number."""

from collections.abc import Iterator
from typing import Any

import orjson

DEEPEST = 32
MOST_CONTAINERS = 500_000
"""Objects and arrays cost many times the bytes that they are written with."""


class NotJson(ValueError):
    """Raised when bytes are not usable JSON. The message quotes none of them."""


class TooMuchJson(NotJson):
    """Raised when it is beyond the bounds, as it will be the next time."""


def parse_json(body: bytes, *, most_containers: int = MOST_CONTAINERS) -> Any:
    """The value. UTF-8 only, no NaN and no Infinity; of equal names in an object the last one counts.

    Raises:
        TooMuchJson: it is too deep, or has too many objects and arrays.
        NotJson: it is none.
    """
    if body.count(b"[") + body.count(b"{") > most_containers:
        raise TooMuchJson(f"JSON of more than {most_containers} objects and arrays")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotJson("invalid or incomplete JSON") from None
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise TooMuchJson(f"JSON that is nested more than {DEEPEST} times")


def _inside(value: Any) -> Iterator[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (each for each in inner if isinstance(each, dict | list))
