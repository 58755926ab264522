"""Guard numbers as people write them: in `leeward.toml`, in the environment, on the command line."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

from broker.guards.config import GuardConfig, ImpossibleGuard
from leeward.duration import NOT_A_DURATION, parse_duration


def parse_value(name: str, value: Any) -> Any:
    """A value as `GuardConfig` wants it: durations are written `30s`, `500ms` or `1h30m`.

    Raises:
        ImpossibleGuard: not a value of this setting.
    """
    default = next((field.default for field in fields(GuardConfig) if field.name == name), None)
    if not isinstance(default, timedelta):
        return _plain(name, value, default)
    try:
        return parse_duration(value)
    except ValueError:
        raise ImpossibleGuard(f"{name} is {value!r}, which {NOT_A_DURATION}") from None


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
