"""Durations on the command line: `10s`, `2h`, `1d12h`."""

from datetime import timedelta

import click


class DurationType(click.ParamType[timedelta]):
    """A `timedelta` on the command line."""

    name = "duration"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        from leeward.duration import parse_duration  # needs pydantic, which `--help` does without

        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
