"""Values of a listing as JSON and as text."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from console.cli.terminal.time_text import relative, span_text, when

NOTHING = "-"


def json_value(value: Any) -> Any:
    """In JSON types: times in ISO 8601, durations in seconds."""
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Enum():
            return value.value
        case UUID():
            return str(value)
    return _json_parts(value)


def _json_parts(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(json_value(name)): json_value(part) for name, part in value.items()}
        case frozenset() | set():
            return sorted(json_value(part) for part in value)
        case list() | tuple():
            return [json_value(part) for part in value]
    return value


def exact_text(value: Any) -> str:
    """For a program that reads lines, and for `--wide`: nothing is rounded or grouped but durations."""
    match value:
        case datetime():
            return when(value)
        case int() | float() if not isinstance(value, bool):
            return f"{value:g}" if isinstance(value, float) else str(value)
    return _text(value)


def table_text(value: Any, now: datetime) -> str:
    """For people: times are relative to `now`, thousands are grouped."""
    match value:
        case datetime():
            return relative(value, now)
        case bool():
            return _text(value)
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.2g}"  # noqa: PLR2004 # two figures are enough
    return _text(value)


def _text(value: Any) -> str:
    match value:
        case None | "":
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case timedelta():
            return span_text(value)
        case Enum():
            return str(value.value)
    return _parts(value)


def _parts(value: Any) -> str:
    match value:
        case Mapping():
            return ", ".join(f"{_text(name)} {exact_text(part)}" for name, part in value.items()) or NOTHING
        case list() | tuple() | set() | frozenset():
            return ", ".join(map(exact_text, value)) or NOTHING
    return str(value)
