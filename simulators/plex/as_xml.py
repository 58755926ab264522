"""An answer as a Plex server writes it for a client that does not ask for JSON: attributes, and flags as 0 and 1."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr


def to_xml(name: str, value: Mapping[str, Any]) -> str:
    """An element: simple values as its attributes, lists as elements in it."""
    attributes = "".join(
        f" {key}={quoteattr(_text(one))}" for key, one in value.items() if not isinstance(one, list | dict)
    )
    inner = "".join(to_xml(key, one) for key, many in value.items() if isinstance(many, list) for one in many)
    return f"<{name}{attributes}>\n{inner}</{name}>\n"


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
