"""Writes the tables of docs/configuration.md from the models that read the settings. `--check` only compares."""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

from pydantic_core import PydanticUndefined

from broker.guards.actor_config import ActorGuards
from broker.guards.config import GuardConfig
from leeward.duration import duration_text
from middleware.retries.presets import PRESETS
from workers.composition.installed.extensions import load
from workers.composition.provider_type import ProviderType
from workers.settings.core_names import ALIASES
from workers.settings.dependencies.reading import dependency_place
from workers.settings.instances.guard_numbers import PROVIDER_GUARDS
from workers.settings.instances.instances import Written
from workers.settings.instances.options import InstanceOptions
from workers.settings.instances.retry_presets import preset_place
from workers.settings.instances.schedules import ScheduleValues
from workers.settings.reader.model_reader import Place
from workers.settings.reader.model_settings import Setting, settings_of
from workers.settings.settings import Settings, core_place

PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
MARKER = "<!-- Everything below is written by script/export-configuration from the models. Do not edit it. -->\n"
OURS = "leeward-fleet"
"""The distribution whose types of providers are on the page; what else is installed is documented by its authors."""
Row = tuple[str, ...]


def page(types: Iterable[ProviderType]) -> str:
    """The part of the page below the marker."""
    parts = [
        "## Settings of the fleet",
        "",
        *_table(("variable", "in the file", "default", "meaning", "value"), _core()),
        "Variables of older releases keep working: "
        + ", ".join(f"`LEEWARD_{older}` for `LEEWARD_{name}`" for name, older in ALIASES.items())
        + ". Those that end with `_SECONDS` hold a number of seconds without a unit.",
        "",
        "## Every instance of a provider",
        "",
        "`type` names the kind of provider; without it, the table's name is the type. `retry_preset` is the name of a retry preset, or a",
        "table with `attempts`, `shortest` and `longest`.",
        "",
        *_table(("in the file", "default", "meaning", "value"), _options()),
        "The guards of an instance, described in [guards.md](guards.md). A type may recommend other defaults, which its section names.",
        "The variable of a guard is `LEEWARD_GUARD_`, the instance, `_` and the guard: `LEEWARD_GUARD_ACME_EU_LIMIT`.",
        "",
        *_table(("guard", "default", "meaning"), _guards()),
    ]
    for kind in types:
        parts += [f"## Type `{kind.name}`", "", *_recommended(kind), *_table(_TYPE_COLUMNS, _type(kind))]
    parts += [
        '## Every actor, `[actors."NAME"]`',
        "",
        "`retry_preset` as for an instance, which it overrides. `self_drain = true` opts in to self-drain. The variable of a guard is",
        "`LEEWARD_GUARD_`, the actor, `_` and the guard: `LEEWARD_GUARD_SYNC_USER_LIMIT`.",
        "",
        *_table(("guard", "default", "meaning"), _actor_guards()),
        "A periodic actor may have a schedule and a time zone of its own ([periodic-actors.md](periodic-actors.md)):",
        "",
        *_table(("in the file", "default", "meaning", "value"), _schedules()),
        "## Dependencies, `[dependencies.NAME]`",
        "",
        "What providers need beside their own service ([recovery.md](recovery.md#dependencies)). A variable changes what the table has.",
        "",
        *_table(("in the file", "variable of the dependency `sso`", "default", "meaning", "value"), _dependencies()),
        "## Retry presets, `[retry_presets.NAME]`",
        "",
        *_table(("in the file", "variable of the preset `standard`", "meaning", "value"), _preset_settings()),
        *_table(("built-in preset", "`attempts`", "`shortest`", "`longest`"), _presets()),
    ]
    return "\n".join(parts)


_TYPE_COLUMNS = ("variable of the instance `NAME`", "in the file", "default", "meaning", "value")


def _core() -> Iterator[Row]:
    yield "`LEEWARD_CONFIG`", "", "none", "The `leeward.toml`", "a path"
    place = core_place()
    for setting in settings_of(Settings):
        yield (_variable(place, setting), _key(setting), *_about(setting), setting.about.description or "")


def _options() -> Iterator[Row]:
    yield "`type`", "the table's name", "Which kind of provider it is", "a type"
    yield "`retry_preset`", "as each actor says", "How often and when its jobs are tried again", "a name, or a table"
    for setting in settings_of(InstanceOptions):
        yield (_key(setting), *_about(setting), setting.about.description or "")


def _guards() -> Iterator[Row]:
    defaults = GuardConfig()
    meaning = _meanings(GuardConfig)
    return ((f"`{name}`", _shown(getattr(defaults, name)), meaning[name]) for name in PROVIDER_GUARDS)


def _actor_guards() -> Iterator[Row]:
    defaults = ActorGuards()
    meaning = _meanings(ActorGuards)
    return ((f"`{one.name}`", _shown(getattr(defaults, one.name)), meaning[one.name]) for one in fields(ActorGuards))


def _meanings(guards: type) -> dict[str, str]:
    """Of each attribute, as the docstring has it."""
    said = dedent((guards.__doc__ or "").partition("Attributes:\n")[2].partition("\n\n")[0])
    found = dict[str, str]()
    for names, text in re.findall(r"(?m)^([a-z_, ]+): (.*(?:\n[ ].*)*)", said):
        found |= dict.fromkeys(names.split(", "), " ".join(text.split()).rstrip("."))
    return {name: text[:1].upper() + text[1:] for name, text in found.items()}


def _schedules() -> Iterator[Row]:
    defaults = {"schedule": "as declared", "time_zone": "`LEEWARD_SCHEDULE_ZONE`"}
    for setting in settings_of(ScheduleValues):
        about = setting.about
        yield _key(setting), defaults[setting.path[-1]], about.title or "", about.description or ""


def _type(kind: ProviderType) -> Iterator[Row]:
    place = _written(kind).settings
    for setting in settings_of(kind.settings):
        yield _variable(place, setting), _key(setting), *_about(setting), setting.about.description or ""


def _recommended(kind: ProviderType) -> list[str]:
    guards = ", ".join(f"`{name} = {_shown(value)}`" for name, value in kind.guards.items())
    return [f"Recommended guards: {guards}. The variables below are those of the instance `{kind.name}`.", ""]


def _dependencies() -> Iterator[Row]:
    place = dependency_place("sso")
    for setting in settings_of(place.model):
        yield _key(setting), _variable(place, setting), *_about(setting), setting.about.description or ""


def _preset_settings() -> Iterator[Row]:
    place = preset_place("standard")
    for setting in settings_of(place.model):
        yield _key(setting), _variable(place, setting), setting.about.title or "", setting.about.description or ""


def _presets() -> Iterator[Row]:
    for name, preset in PRESETS.items():
        yield f"`{name}`", str(preset.attempts), duration_text(preset.shortest), duration_text(preset.longest)


def _written(kind: ProviderType) -> Written:
    return Written(kind.name, kind, {}, in_file=True)


def _variable(place: Place[Any], setting: Setting) -> str:
    name = f"LEEWARD_{place.variable(setting.path)}"
    return f"`{name}`, `{name}_FILE`" if setting.is_secret else f"`{name}`"


def _key(setting: Setting) -> str:
    key = ".".join(setting.path)
    return f"`{key}`, `{key}_file`, `{key}_env`" if setting.is_secret else f"`{key}`"


def _about(setting: Setting) -> Row:
    default = setting.about.get_default(call_default_factory=True, validated_data={})
    shown = "required" if default is PydanticUndefined else _shown(default)
    return shown, setting.about.title or ""


def _shown(value: Any) -> str:
    match value:
        case None | () | "":
            return "none"
        case bool():
            return str(value).lower()
        case timedelta():
            return duration_text(value)
        case frozenset() if not value:
            return "none"
    return str(value)


def _table(head: Row, rows: Iterable[Row]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return [*(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines), ""]


def differs() -> bool:
    """Whether the page says something else than the models."""
    return PAGE.read_text(encoding="utf-8").partition(MARKER)[2] != page(_types())


def _types() -> list[ProviderType]:
    return [one for one in load().types().values() if one.distribution == OURS]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit code 1 when the page differs; write nothing")
    if parser.parse_args().check:
        if differs():
            print(f"{PAGE.name} differs from the models: run script/export-configuration")
        return int(differs())
    above = PAGE.read_text(encoding="utf-8").partition(MARKER)[0]
    PAGE.write_text(above + MARKER + page(_types()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
