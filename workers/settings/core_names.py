"""The names of the fleet's own settings: their variables, those of older releases, and what is misspelt."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from workers.settings.problem import Problem
from workers.settings.reader.model_reader import Place
from workers.settings.reader.names import capitals, unknown_keys
from workers.settings.reader.source import CONFIG, PREFIX, Source

EXTENSIONS = ("actors", "dependencies", "providers", "retry_presets")
"""The tables of the file that depend on what is installed: who has loaded the extensions reads them."""
_IN_SECONDS = {"LEASE": "LEASE_SECONDS", "DRAIN": "DRAIN_SECONDS"}
ALIASES = {**_IN_SECONDS, "SELF_DRAIN_ACTORS": "SELF_DRAIN"}
"""Variable -> what it was called in older releases, which keeps working."""
_NEARLY = 0.85
"""How alike a misspelt name is to the right one, at least."""


def core_variable(source: Source) -> Callable[[tuple[str, ...]], str]:
    """The variable of a setting, without prefix; the older one where that is set."""

    def variable(path: tuple[str, ...]) -> str:
        name = "_".join(path).upper()
        older = ALIASES.get(name, name)
        return older if older in source.variables and name not in source.variables else name

    return variable


def core_variables_of(place: Place[Any]) -> frozenset[str]:
    """All of them, without prefix."""
    return frozenset({*place.variables(), *ALIASES.values(), CONFIG})


def with_durations(source: Source) -> Source:
    """The same with units behind the numbers of variables whose names end with `_SECONDS`."""
    older = {name: f"{source.variables[name]}s" for name in _IN_SECONDS.values() if name in source.variables}
    return replace(source, variables={**source.variables, **older})


def core_problems(source: Source, place: Place[Any]) -> Iterator[Problem]:
    """Names that are not settings, as far as that is known without the installed extensions."""
    for name, older in ALIASES.items():
        if {name, older} <= source.variables.keys():
            yield Problem(PREFIX + older, f"and {PREFIX}{name} are both set; remove one of them.")
    known = core_variables_of(place)
    for variable in sorted(source.variables.keys() - known):
        close = get_close_matches(variable, known, n=1, cutoff=_NEARLY)
        if close and not _belongs_to_an_instance(variable, source):
            yield Problem(PREFIX + variable, f"is not a setting; did you mean {PREFIX}{close[0]}?")
    yield from unknown_keys(source, (), source.document, place.names() | {(table,) for table in EXTENSIONS})


def _belongs_to_an_instance(variable: str, source: Source) -> bool:
    return any(variable.startswith(f"{capitals(name)}_") for name in source.table("providers"))
