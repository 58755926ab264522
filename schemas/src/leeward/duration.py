"""Durations as people write them, everywhere: `30s`, `90m`, `1d12h`, `500ms`."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

EXAMPLE = "30d"
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_PATTERN = "".join(rf"(?:({_NUMBER}){unit})?" for unit in _UNITS)
_DURATION = re.compile(rf"(?=\d){_PATTERN}", re.ASCII)


NOT_A_DURATION = f"is not a valid duration; use for example {EXAMPLE}"
"""What is said of a value that is not one."""


def parse_duration(text: object) -> timedelta:
    """The duration that a text means: numbers with the units `w`, `d`, `h`, `m`, `s` and `ms`, from the largest unit to the smallest.

    Raises:
        ValueError: it is not a duration, or not a text; the message says what to write instead.
    """
    found = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    try:
        if found is not None:
            parts = zip(found.groups(), _UNITS.values(), strict=True)
            return sum((float(number) * unit for number, unit in parts if number), timedelta())
    except OverflowError:
        pass
    raise ValueError(f"{text!r} {NOT_A_DURATION}")


def duration_text(duration: timedelta) -> str:
    """How a duration is written: `1d12h`. Parts of a millisecond are left out."""
    rest, parts = duration, []
    for unit, length in _UNITS.items():
        if unit == "w":
            continue  # seven days are what people read in a log
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _validated(value: Any) -> Any:
    return value if isinstance(value, timedelta) else parse_duration(value)


Duration = Annotated[
    timedelta, BeforeValidator(_validated), WithJsonSchema({"type": "string", "format": "leeward-duration"})
]
"""A `timedelta` in a pydantic model that is written `30s` or `1d12h`. A number without a unit is refused."""
