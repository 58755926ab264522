"""The guards as `leeward.toml` has them.

profile = "production"          # or development, testing: how impatient everything is

[providers.jellyfin]
limit = 8                       # see broker.guards.config.GuardConfig for every name
open_for = "30s"

[actors."sync.user"]
limit = 3                       # see broker.guards.actor_config.ActorGuards
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from broker.guards.actor_config import ACTOR_NAMES
from broker.guards.config import ImpossibleGuard
from workers.settings.guards.actors import ACTORS
from workers.settings.guards.defaults import DEFAULTS, PROFILES
from workers.settings.guards.environment import PROVIDER_NAMES
from workers.settings.guards.values import parse_value
from workers.settings.problem import Problem

_TABLES: Mapping[str, tuple[Collection[str], Collection[str], str]] = {
    "providers": (DEFAULTS, PROVIDER_NAMES, "providers.jellyfin"),
    "actors": (ACTORS, ACTOR_NAMES, 'actors."sync.user"'),
}
"""Table of tables -> whose there may be, what may be set, an example."""

_SELF_DRAIN = "self_drain"
"""A table of its own, and a wish of an actor's: both are read by `workers.settings.self_drain`."""

Tables = dict[str, dict[str, dict[str, Any]]]


@dataclass(slots=True)
class GuardFile:
    """What can be used of a file, and what cannot.

    Attributes:
        profile: None where it names none.
        tables: `providers` and `actors`, each owner -> setting -> value.
        problems: everything that is wrong, and what to write instead.
    """

    profile: str | None = None
    tables: Tables = field(default_factory=lambda: {name: {} for name in _TABLES})
    problems: list[Problem] = field(default_factory=list)


def read_file(path: Path | None) -> GuardFile:
    """Reads everything that can be read. No file is an empty one."""
    found = GuardFile()
    document = {} if path is None else _document(path, found.problems)
    found.profile = _profile(document, found.problems)
    top = ("profile", "retry_presets", *_TABLES, _SELF_DRAIN)
    found.problems += [_unknown(name, name, top, "setting") for name in document.keys() - set(top)]
    for name in _TABLES:
        found.tables[name] = _owners(name, document.get(name, {}), found.problems)
    return found


def _document(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        problems.append(Problem("LEEWARD_CONFIG", f"names {path}, which cannot be read ({error.strerror})."))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(str(path), f"is no TOML: {error}."))
    return {}


def _profile(document: dict[str, Any], problems: list[Problem]) -> str | None:
    profile = document.get("profile")
    if profile is None or (isinstance(profile, str) and profile in PROFILES):
        return profile
    problems.append(Problem("profile", f"is {profile!r}; write one of {', '.join(PROFILES)}."))
    return None


def _owners(name: str, tables: Any, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    known, settings, example = _TABLES[name]
    if not isinstance(tables, dict):
        problems.append(Problem(name, f"must be a table of tables, such as [{example}]."))
        return {}
    found = {}
    for owner, table in tables.items():
        path = shown_path(name, owner)
        if owner not in known and name == "providers":
            continue  # an instance of an extension's: `workers.instances` reads it
        if owner not in known:
            problems.append(_unknown(path, owner, known, name.removesuffix("s")))
        elif not isinstance(table, dict):
            problems.append(Problem(path, "must be a table of settings."))
        else:
            found[owner] = _values(path, table, settings, problems)
    return found


def _values(path: str, table: dict[str, Any], settings: Collection[str], problems: list[Problem]) -> dict[str, Any]:
    values = {}
    for name, value in table.items():
        if name == _SELF_DRAIN and settings is ACTOR_NAMES:
            continue
        if name not in settings and settings is PROVIDER_NAMES:
            continue  # `workers.instances` reads it
        if name == "retry_preset" and settings is ACTOR_NAMES:
            continue
        if name not in settings:
            problems.append(_unknown(f"{path}.{name}", name, settings, "setting"))
            continue
        try:
            values[name] = parse_value(name, value)
        except ImpossibleGuard as error:
            problems.append(Problem(path, f"cannot be used: {error}."))
    return values


def shown_path(table: str, owner: str) -> str:
    """How TOML names it."""
    return f'{table}."{owner}"' if "." in owner else f"{table}.{owner}"


def _unknown(path: str, name: str, known: Collection[str], what: str) -> Problem:
    close = get_close_matches(name, known, n=1)
    if close:
        return Problem(path, f"is no {what}; did you mean {close[0]}?")
    return Problem(
        path, f"is no {what}; remove it." if what == "setting" else f"is no {what}; there are {', '.join(known)}."
    )
