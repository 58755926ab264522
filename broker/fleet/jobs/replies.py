"""Replies of the server as text, whether its client decodes them or not."""

from collections.abc import Iterable
from typing import Any


def text(value: Any) -> str:
    """Empty for no value."""
    return value.decode() if isinstance(value, bytes) else str(value or "")


def texts(values: Iterable[Any]) -> list[str]:
    return [text(value) for value in values]
