"""Spans of time as people type them: `10s`, `2h`, `1d12h`."""

import re
from datetime import timedelta

import click

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d|w)")
_SPAN = re.compile(rf"(?:{_PART.pattern})+")


def parse_span(text: str) -> timedelta:
    """The span of a text.

    Raises:
        ValueError: with what to write instead.
    """
    wanted = text.strip()
    if not _SPAN.fullmatch(wanted):
        raise ValueError(f"{text!r} is no span of time: write 10s, 5m, 2h, 1d12h")
    parts = [timedelta(**{_UNITS[unit]: float(number)}) for number, unit in _PART.findall(wanted)]
    return sum(parts, timedelta())


class Span(click.ParamType[timedelta]):
    """A `timedelta` on the command line."""

    name = "span"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return parse_span(value)
        except (ValueError, OverflowError) as error:
            self.fail(str(error), param, ctx)
