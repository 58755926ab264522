"""The instances of providers: the tables `[providers.NAME]`, and what variables say of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from actors import probe, prune
from actors.accounts import expiry
from broker.guards.config import GuardConfig, ImpossibleGuard
from leeward.jobs.queue_name import is_queue_part
from middleware.retries.presets import Preset
from workers.composition.instance import Instance
from workers.composition.parts import EVENTS, PERIODIC
from workers.composition.provider_type import ProviderType
from workers.settings.instances import guard_numbers
from workers.settings.instances.guard_numbers import PROVIDER_GUARDS
from workers.settings.instances.options import BasicOptions, InstanceOptions
from workers.settings.instances.retry_presets import CHOICE, chosen_preset
from workers.settings.problem import Problem
from workers.settings.reader.model_reader import Given, Place, read_model
from workers.settings.reader.names import unknown_keys
from workers.settings.reader.source import Source

TABLE = "providers"
TYPE = "type"
DEPENDS_ON = "depends_on"
FLEETS_OWN = frozenset({EVENTS, PERIODIC, expiry.QUEUE, probe.QUEUE, prune.QUEUE})
"""Queues of the fleet itself, which count as providers."""


@dataclass(frozen=True, slots=True)
class Written:
    """An instance as it is written down, before its values are looked at.

    Attributes:
        table: empty where variables alone describe it.
    """

    name: str
    type: ProviderType
    table: Mapping[str, Any]
    in_file: bool

    @property
    def at(self) -> tuple[str, str]:
        return TABLE, self.name

    @property
    def settings(self) -> Place[Any]:
        return Place(self.type.settings, self.at, lambda path: self.type.variable_of(self.name, "_".join(path)))

    @property
    def options(self) -> Place[Any]:
        model = BasicOptions if DEPENDS_ON in self.type.settings.model_fields else InstanceOptions
        return Place(model, self.at, lambda path: self.type.variable_of(self.name, path[-1]))

    @property
    def preset_variable(self) -> str:
        return self.type.variable_of(self.name, CHOICE)

    def variables(self) -> list[str]:
        """Every variable of the instance, without prefix."""
        guards = guard_numbers.variables(self.name, PROVIDER_GUARDS)
        return [*self.settings.variables(), *self.options.variables(), self.preset_variable, *guards]

    def is_configured(self, source: Source) -> bool:
        """Whether any of its own settings is given, or the table names a type, which declares an instance.

        A table of a type's own name with guards alone is for machines that have the rest in variables.
        """
        if TYPE in self.table:
            return True
        own = self.settings
        given = any(variable in source.variables for variable in own.variables())
        return given or any(path[0] in self.table for path in own.names()) or (self.in_file and not self.type.needed())


@dataclass(slots=True)
class FoundInstances:
    """Attributes:
    written: also those that cannot be used, and each type's own even where nothing configures it: their variables are known.
    usable: by name.
    """

    written: list[Written] = field(default_factory=list)
    usable: dict[str, Instance] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def written_instances(source: Source, types: Mapping[str, ProviderType]) -> FoundInstances:
    """Every instance that there could be, and what is wrong with tables as such."""
    found = FoundInstances()
    tables = source.document.get(TABLE, {})
    if not isinstance(tables, dict):
        found.problems.append(Problem(source.at(TABLE), f"must be a table of tables, such as [{TABLE}.acme]."))
        tables = {}
    for name, table in tables.items():
        label = source.at(TABLE, name)
        if not isinstance(table, dict):
            found.problems.append(Problem(label, "must be a table of settings."))
            continue
        wanted = table.get(TYPE, name)
        if why := _impossible_name(name):
            found.problems.append(Problem(label, why))
        elif not isinstance(wanted, str) or wanted not in types:
            found.problems.append(Problem(label, _no_type(wanted, name, types)))
        else:
            found.written.append(Written(name, types[wanted], table, in_file=True))
    found.written += [Written(name, one, {}, in_file=False) for name, one in types.items() if name not in tables]
    return found


def read_instances(
    source: Source, found: FoundInstances, presets: Mapping[str, Preset], profile: Mapping[str, Any]
) -> FoundInstances:
    """Fills in those that can be used, and what is wrong with the others.

    Args:
        source: without the variables that could mean several things.
        found: as `written_instances` has it.
        presets: every named retry preset.
        profile: what the profile changes of the guards.
    """
    for written in found.written:
        problems = list(_unknown(source, written))
        if written.is_configured(source):
            instance = _instance(source, written, presets, profile, problems)
            if instance is not None and not problems:
                found.usable[written.name] = instance
        found.problems += problems
    return found


def _instance(
    source: Source,
    written: Written,
    presets: Mapping[str, Preset],
    profile: Mapping[str, Any],
    problems: list[Problem],
) -> Instance | None:
    settings = _validated(read_model(written.settings, source), problems)
    options = _validated(read_model(written.options, source), problems)
    preset, wrong = chosen_preset(source, written.at, written.table.get(CHOICE), presets, written.preset_variable)
    problems += wrong
    guards = _guards(source, written, profile, problems)
    if settings is None or options is None:
        return None
    return Instance(
        name=written.name,
        type=written.type,
        settings=settings,
        guards=guards.changed(enabled=options.enabled),
        retry_preset=preset,
        health_every=options.health_every,
        criticality=options.criticality,
        enabled=options.enabled,
        depends_on=getattr(options, DEPENDS_ON, ()),
    )


def _validated(given: Given[Any], problems: list[Problem]) -> Any:
    found = given.validated()
    problems += given.problems
    return found


def _guards(source: Source, written: Written, profile: Mapping[str, Any], problems: list[Problem]) -> GuardConfig:
    base = _recommended(written.type, profile)
    numbers = guard_numbers.read_numbers(
        source, written.at, PROVIDER_GUARDS, written.table if written.in_file else None
    )
    problems += numbers.problems
    try:
        return base.changed(**numbers.values)
    except ImpossibleGuard as error:
        problems.append(Problem(numbers.label, f"cannot be used: {error}."))
        return base


def _recommended(kind: ProviderType, profile: Mapping[str, Any]) -> GuardConfig:
    recommended = GuardConfig().changed(**kind.guards)
    try:
        return recommended.changed(**profile)
    except ImpossibleGuard:  # the profile's numbers and the author's exclude each other
        return recommended


def _unknown(source: Source, written: Written) -> Iterator[Problem]:
    known = (
        written.settings.names() | written.options.names() | {(TYPE,), (CHOICE,), *((one,) for one in PROVIDER_GUARDS)}
    )
    return unknown_keys(source, written.at, written.table, known)


def _impossible_name(name: str) -> str:
    if name in FLEETS_OWN:
        return f"has the name of a queue of the fleet itself ({', '.join(sorted(FLEETS_OWN))}); choose another."
    if not is_queue_part(name):
        return "cannot be part of a queue's name; use lower-case letters, digits, '_' and '-', 63 characters at most."
    return ""


def _no_type(wanted: object, name: str, types: Mapping[str, ProviderType]) -> str:
    missing = f"is of the type {wanted!r}, which no installed extension brings"
    close = get_close_matches(str(wanted), types, n=1)
    if close:
        return f"{missing}; did you mean {close[0]}?"
    there = f"there are {', '.join(sorted(types))}" if types else "there are none"
    if wanted == name:
        return f'{missing}; install the package that brings it, or name its type, as type = "..." ({there}).'
    return f"{missing}; install the package that brings it, or remove the table ({there})."
