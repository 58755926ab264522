"""Self-drain as `leeward.toml` and the environment have it.

[actors."sync.user"]
self_drain = true               # dead letters of an outage are replayed by themselves

[self_drain]                    # how; every line may be left out
actors = ["download.file"]      # the same as above, for several
healthy_for = "10m"
canary = 5
per_second = 5
generations = 1
rest = "1h"
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from leeward.duration import NOT_A_DURATION, parse_duration
from leeward.jobs.kinds import KINDS
from storage.dead_letters.letter.repeatable import repeatable_actors
from workers.background.replays.self_drain import SelfDrainConfig
from workers.settings.problem import InvalidSettings, Problem

_NUMBERS: Mapping[str, type] = {"canary": int, "per_second": float, "generations": int}
_NAMES = tuple(field.name for field in fields(SelfDrainConfig) if field.name != "every")


def load_self_drain(file: Path | None, actors: Iterable[str]) -> SelfDrainConfig | None:
    """What is wanted; None when no actor opts in. `actors` are those that the environment names.

    Raises:
        InvalidSettings: with every problem that there is, and what to write instead.
    """
    document = _read(file)
    problems: list[Problem] = []
    table = _table(document, "self_drain", problems)
    values = {name: _value(name, value, problems) for name, value in table.items() if name != "actors"}
    wanted = {*_named(table.get("actors", []), problems), *actors, *_opted_in(document, problems)}
    problems += [problem for actor in sorted(wanted) if (problem := _actor_problem(actor)) is not None]
    if problems:
        raise InvalidSettings(problems)
    return SelfDrainConfig(actors=tuple(sorted(wanted)), **values) if wanted else None


def _read(file: Path | None) -> dict[str, Any]:
    """A file that cannot be read has been complained of by who reads the guards."""
    try:
        return {} if file is None else tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}


def _table(document: dict[str, Any], name: str, problems: list[Problem]) -> dict[str, Any]:
    found = document.get(name, {})
    if isinstance(found, dict):
        return found
    problems.append(Problem(name, f"must be a table, written [{name}]."))
    return {}


def _opted_in(document: dict[str, Any], problems: list[Problem]) -> list[str]:
    opted = []
    for actor, table in _table(document, "actors", problems).items():
        wish = table.get("self_drain", False) if isinstance(table, dict) else False
        if not isinstance(wish, bool):
            problems.append(Problem(f"actors.{actor}.self_drain", f"is {wish!r}; write true or false."))
        elif wish:
            opted.append(actor)
    return opted


def _named(found: Any, problems: list[Problem]) -> list[str]:
    if isinstance(found, list) and all(isinstance(name, str) for name in found):
        return found
    problems.append(Problem("self_drain.actors", 'must be a list of kinds of jobs, as ["sync.user"].'))
    return []


def _value(name: str, value: Any, problems: list[Problem]) -> Any:
    path = f"self_drain.{name}"
    if name not in _NAMES:
        close = get_close_matches(name, _NAMES, n=1)
        problems.append(
            Problem(path, f"is no setting; did you mean {close[0]}?" if close else "is no setting; remove it.")
        )
        return None
    if name not in _NUMBERS:
        return _duration(path, value, problems)
    kinds = (int, float) if _NUMBERS[name] is float else (int,)
    if type(value) in kinds and 0 < value < 2**31:
        return value
    problems.append(Problem(path, f"is {value!r}; write a {'whole ' if _NUMBERS[name] is int else ''}number above 0."))
    return None


def _duration(path: str, value: Any, problems: list[Problem]) -> timedelta | None:
    try:
        return parse_duration(value)
    except ValueError:
        problems.append(Problem(path, f"is {value!r}, which {NOT_A_DURATION}."))
        return None


def _actor_problem(actor: str) -> Problem | None:
    kinds = KINDS.names()
    if actor not in kinds:
        return Problem("self_drain", f"names {actor}, which is no kind of job; use {', '.join(repeatable_actors())}.")
    if actor not in repeatable_actors():
        return Problem("self_drain", f"names {actor}, which is not idempotent: replay its dead letters by hand.")
    return None
