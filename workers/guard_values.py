"""Guard numbers as people write them: in `leeward.toml`, in the environment, on the command line."""

import re
from dataclasses import fields
from datetime import timedelta
from typing import Any

from broker.guards.config import GuardConfig, ImpossibleGuard

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<unit>ms|s|m|h)")


def parse_value(name: str, value: Any) -> Any:
    """A value as `GuardConfig` wants it: durations are written `30s`, `500ms`, `2m` or `1h`.

    Raises:
        ImpossibleGuard: not a value of this setting.
    """
    default = next((field.default for field in fields(GuardConfig) if field.name == name), None)
    if not isinstance(default, timedelta):
        return _plain(name, value, default)
    found = duration(value)
    if found is None:
        raise ImpossibleGuard(f"{name} is {value!r}; write a duration such as 30s, 500ms or 2m")
    return found


def duration(value: Any) -> timedelta | None:
    """A duration as people write it, `30s`, `500ms`, `2m` or `1h`; None for what is none."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return timedelta(seconds=float(found["number"]) * _UNITS[found["unit"]]) if found else None


def parse_text(name: str, text: str) -> Any:
    """The same from text, which has no types of its own: `8`, `0.5`, `30s`, `true`.

    Raises:
        ImpossibleGuard: not a value of this setting.
    """
    return parse_value(name, _as_toml(text))


def _as_toml(text: str) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _plain(name: str, value: Any, default: Any) -> Any:
    wanted: dict[type, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float)}
    if default is not None and (type(value) not in wanted[type(default)]):
        kind = {bool: "true or false", int: "a whole number", float: "a number"}[type(default)]
        raise ImpossibleGuard(f"{name} is {value!r}; write {kind}")
    return value
