"""What PostgreSQL can hold of what the world throws at us: text and JSON made safe and bounded, every change visible."""

import json
import math
import re
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL's text has no NUL, and UTF-8 has no lone surrogates."""
_DEEPEST = 64
_LONGEST_NAME = 1_000
_LONGEST_LEAF = 4_096
"""Of the strings in a JSON value that is too large as it is."""
_LARGEST_EXACT = 2**63


def escaped(text: str) -> str:
    r"""The text with what cannot be stored written out, as `\u0000`."""
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def beginning(text: str, limit: int) -> str:
    """At most `limit` characters from the beginning, safe to store; a cut says how much is missing."""
    text = escaped(text)
    if len(text) <= limit:
        return text
    mark = f"… [cut: {len(text):,} characters in all]"
    return text[: max(0, limit - len(mark))] + mark


def ending(text: str, limit: int) -> str:
    """At most `limit` characters from the end, where a traceback says what happened; a cut says how much is missing."""
    text = escaped(text)
    if len(text) <= limit:
        return text
    mark = f"[cut: {len(text):,} characters in all] …"
    return mark + text[len(mark) - limit :]


def decoded(raw: bytes) -> str:
    r"""Bytes as text: UTF-8, with everything that is none written out, as `\xff`."""
    return raw.decode("utf-8", "backslashreplace")


def json_value(value: Any, limit_bytes: int) -> Any:
    """The value as `jsonb` can hold it, at most about `limit_bytes` encoded.

    What JSON or PostgreSQL does not know (NUL, lone surrogates, NaN, infinity, numbers beyond 64 bits, deep nesting)
    becomes text. Too large a value first loses the ends of its long strings, then everything but the beginning of its text.
    """
    whole = _shaped(value, leaf=None)
    size = _size_bytes(whole)
    if size <= limit_bytes:
        return whole
    shortened = _shaped(value, leaf=_LONGEST_LEAF)
    if _size_bytes(shortened) <= limit_bytes:
        return shortened
    # Half, because this text is quoted once more.
    text = _encoded(whole)[: limit_bytes // 2].decode("utf-8", "ignore")
    return {"[cut]": f"{size:,} bytes in all; this is the beginning", "beginning": text}


def depth(value: Any) -> int:
    """How deep lists and objects are nested; found without recursion."""
    deepest, level = 0, [value]
    while level:
        nested = [v for v in level if isinstance(v, dict | list)]
        level = [child for v in nested for child in (v.values() if isinstance(v, dict) else v)]
        deepest += bool(nested)
    return deepest


def _shaped(value: Any, *, leaf: int | None, level: int = 0) -> Any:
    match value:
        case dict() | list() | tuple() if level >= _DEEPEST:
            return f"[cut: nested deeper than {_DEEPEST} levels]"
        case dict():
            return {_name(name): _shaped(child, leaf=leaf, level=level + 1) for name, child in value.items()}
        case list() | tuple():
            return [_shaped(child, leaf=leaf, level=level + 1) for child in value]
        case str():
            return escaped(value) if leaf is None else beginning(value, leaf)
    return _scalar(value)


def _name(name: object) -> str:
    return beginning(str(name), _LONGEST_NAME)


def _scalar(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case int():
            return value if abs(value) < _LARGEST_EXACT else beginning(hex(value), _LONGEST_NAME)
        case float():
            return value if math.isfinite(value) else str(value)
    return beginning(repr(value), _LONGEST_LEAF)


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _size_bytes(value: Any) -> int:
    return len(_encoded(value))
