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
_TOP = ("profile", "providers")


def load_guards(file: Path | None, providers: Iterable[str]) -> dict[str, GuardConfig]:
    """The guards of each provider: its defaults, the profile's changes, the file's values.

    Raises:
        InvalidSettings: with every problem that there is, and what to write instead.
    """
    document, problems = _read(file)
    profile = document.get("profile", "production")
    if profile not in PROFILES:
        problems.append(Problem("profile", f"is {profile!r}; write one of {', '.join(PROFILES)}."))
    problems += [_unknown(name, _TOP) for name in document.keys() - set(_TOP)]
    tables = document.get("providers", {})
    configs = {}
    for provider in sorted(set(providers) | set(tables)):
        try:
            base = guards_for(provider).changed(**PROFILES.get(profile, {}))
            configs[provider] = base.changed(**_values(tables.get(provider, {})))
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
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ImpossibleGuard(f"{name} is {value!r}; write a duration such as 30s, 500ms or 2m")
    return timedelta(seconds=float(found["number"]) * _UNITS[found["unit"]])


def _plain(name: str, value: Any, default: Any) -> Any:
    wanted: dict[type, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float)}
    if default is not None and (type(value) not in wanted[type(default)]):
        kind = {bool: "true or false", int: "a whole number", float: "a number"}[type(default)]
        raise ImpossibleGuard(f"{name} is {value!r}; write {kind}")
    return value


def _values(table: Any) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ValueError("it must be a table of settings")  # noqa: TRY004 # to be told with the others
    return {name: parse_value(name, value) for name, value in table.items()}


def _read(file: Path | None) -> tuple[dict[str, Any], list[Problem]]:
    if file is None:
        return {}, []
    try:
        return tomllib.loads(file.read_text()), []
    except OSError as error:
        return {}, [Problem("LEEWARD_CONFIG", f"names {file}, which cannot be read ({error.strerror}).")]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [Problem(str(file), f"is no TOML: {error}.")]


def _unknown(name: str, known: tuple[str, ...]) -> Problem:
    close = get_close_matches(name, known, n=1)
    return Problem(name, f"is no setting; did you mean {close[0]}?" if close else "is no setting; remove it.")
