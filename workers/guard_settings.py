"""The guards as `leeward.toml` has them.

profile = "production"          # or development, testing: how impatient everything is

[providers.jellyfin]
limit = 8                       # see broker.guards.config.GuardConfig for every name
open_for = "30s"
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from broker.guards.config import GuardConfig, ImpossibleGuard
from workers.guard_defaults import PROFILES, guards_for
from workers.settings_problem import InvalidSettings, Problem

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<unit>ms|s|m|h)")
_TOP = ("profile", "providers", "actors", "self_drain")
_NAMES = tuple(field.name for field in fields(GuardConfig))


def load_guards(file: Path | None, providers: Iterable[str]) -> dict[str, GuardConfig]:
    """The guards of each provider: its defaults, the profile's changes, the file's values.

    Raises:
        InvalidSettings: with every problem that there is, and what to write instead.
    """
    document, problems = _read(file)
    profile, tables = document.get("profile", "production"), document.get("providers", {})
    if not isinstance(profile, str) or profile not in PROFILES:
        problems.append(Problem("profile", f"is {profile!r}; write one of {', '.join(PROFILES)}."))
        profile = "production"
    problems += [_unknown(name, name, _TOP) for name in document.keys() - set(_TOP)]
    if not isinstance(tables, dict):
        problems.append(Problem("providers", "must be a table of tables, such as [providers.jellyfin]."))
        tables = {}
    configs = {}
    for provider in sorted(set(providers) | set(tables)):
        base = guards_for(provider).changed(**PROFILES[profile])
        values = _values(provider, tables.get(provider, {}), problems)
        try:
            configs[provider] = base.changed(**values)
        except ValueError as error:
            problems.append(Problem(f"providers.{provider}", f"cannot be used: {error}."))
    if problems:
        raise InvalidSettings(problems)
    return configs


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


def _plain(name: str, value: Any, default: Any) -> Any:
    wanted: dict[type, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float)}
    if default is not None and (type(value) not in wanted[type(default)]):
        kind = {bool: "true or false", int: "a whole number", float: "a number"}[type(default)]
        raise ImpossibleGuard(f"{name} is {value!r}; write {kind}")
    return value


def _values(provider: str, table: Any, problems: list[Problem]) -> dict[str, Any]:
    """What can be used of a provider's table; what cannot is added to the problems."""
    if not isinstance(table, dict):
        problems.append(Problem(f"providers.{provider}", "must be a table of settings."))
        return {}
    values = {}
    for name, value in table.items():
        if name not in _NAMES:
            problems.append(_unknown(f"providers.{provider}.{name}", name, _NAMES))
            continue
        try:
            values[name] = parse_value(name, value)
        except ValueError as error:
            problems.append(Problem(f"providers.{provider}", f"cannot be used: {error}."))
    return values


def _read(file: Path | None) -> tuple[dict[str, Any], list[Problem]]:
    if file is None:
        return {}, []
    try:
        return tomllib.loads(file.read_text()), []
    except OSError as error:
        return {}, [Problem("LEEWARD_CONFIG", f"names {file}, which cannot be read ({error.strerror}).")]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [Problem(str(file), f"is no TOML: {error}.")]


def _unknown(path: str, name: str, known: tuple[str, ...]) -> Problem:
    close = get_close_matches(name, known, n=1)
    return Problem(path, f"is no setting; did you mean {close[0]}?" if close else "is no setting; remove it.")
