"""Retry presets as settings: `[retry_presets.NAME]`, and the one that an instance or an actor chooses, by name or as a table of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from middleware.retries.presets import DEFAULT, PRESETS, Preset
from workers.settings.instances.options import PresetValues
from workers.settings.problem import Problem
from workers.settings.reader.model_reader import Place, read_model
from workers.settings.reader.names import capitals, unknown_keys, unknown_name
from workers.settings.reader.source import PREFIX, Source

TABLE = "retry_presets"
CHOICE = "retry_preset"


@dataclass(frozen=True, slots=True)
class NamedPresets:
    """The built-in presets and those of the settings, by name."""

    presets: Mapping[str, Preset]
    problems: tuple[Problem, ...]


def preset_place(name: str) -> Place[PresetValues]:
    """Where a named preset is written."""
    return Place(PresetValues, (TABLE, name), lambda path: f"RETRY_PRESET_{capitals(name)}_{path[-1].upper()}")


def preset_names(source: Source) -> list[str]:
    """Those that there are, built in or in the file."""
    return [*PRESETS, *(name for name in source.table(TABLE) if name not in PRESETS)]


def read_presets(source: Source) -> NamedPresets:
    """Every preset that can be used. What a table leaves out is as in the built-in preset of the name, or as in `standard`."""
    presets, problems = dict(PRESETS), list[Problem]()
    if not isinstance(source.document.get(TABLE, {}), dict):
        problems.append(Problem(source.at(TABLE), f"must be a table of tables, such as [{TABLE}.patient]."))
    for name in preset_names(source):
        table = source.table(TABLE).get(name, {})
        if not isinstance(table, dict):
            problems.append(Problem(source.at(TABLE, name), "must be a table, such as attempts = 20."))
            continue
        preset, found = _read(source, preset_place(name), table, presets.get(name, PRESETS[DEFAULT]))
        problems += found
        presets[name] = preset
    return NamedPresets(presets, tuple(problems))


def chosen_preset(
    source: Source, at: tuple[str, ...], chosen: Any, named: Mapping[str, Preset], variable: str | None = None
) -> tuple[Preset | None, list[Problem]]:
    """The preset of an instance or an actor; None where it chooses none.

    Args:
        source: of the variables.
        at: the place of its table.
        chosen: what is written there as `retry_preset`.
        named: the presets that there are.
        variable: the variable, without prefix, that overrides it with a name.
    """
    label = source.at(*at, CHOICE)
    if variable is not None and variable in source.variables:
        label, chosen = PREFIX + variable, source.variables[variable]
    if chosen is None:
        return None, []
    if isinstance(chosen, dict):
        place = Place(PresetValues, (*at, CHOICE), lambda path: f"-{path[-1]}")  # no variable has this name
        preset, problems = _read(source, place, chosen, named[DEFAULT])
        return preset, problems
    if isinstance(chosen, str) and chosen in named:
        return named[chosen], []
    if isinstance(chosen, str):
        return None, [unknown_name(label, chosen, named, "retry preset")]
    return None, [Problem(label, f"is {chosen!r}; write the name of a retry preset, or a table with attempts.")]


def _read(
    source: Source, place: Place[PresetValues], table: Mapping[str, Any], base: Preset
) -> tuple[Preset, list[Problem]]:
    problems = list(unknown_keys(source, place.at, table, place.names()))
    given = read_model(place, source)
    values = given.validated()
    problems += given.problems
    if values is None:
        return base, problems
    try:
        return values.changed(base), problems
    except ValueError as error:
        return base, [*problems, Problem(source.at(*place.at), f"cannot be used: {error}.")]
