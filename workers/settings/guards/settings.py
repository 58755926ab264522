"""The guards of a fleet: their defaults, the profile's changes, what `leeward.toml` says, what the environment says."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from broker.guards.actor_config import ActorGuards
from broker.guards.config import GuardConfig, ImpossibleGuard
from leeward.jobs.queue_name import provider_of
from workers.settings.environment import PREFIX
from workers.settings.guards.actors import cannot_be_its_own, queues_of
from workers.settings.guards.defaults import DEFAULTS, PROFILES, UNGUARDED
from workers.settings.guards.environment import Given, Target, given_numbers
from workers.settings.guards.file import GuardFile, read_file, shown_path
from workers.settings.problem import Problem


@dataclass(frozen=True, slots=True)
class FleetGuards:
    """Every number that a worker declares.

    Attributes:
        providers: by name.
        actors: the own numbers of actors, by the queue where their jobs wait.
    """

    providers: Mapping[str, GuardConfig]
    actors: Mapping[str, ActorGuards]

    @classmethod
    def default(cls) -> Self:
        return cls(DEFAULTS, {})


def read_guards(
    file: Path | None, profile: str | None, variables: Mapping[str, str]
) -> tuple[FleetGuards, list[Problem]]:
    """The numbers, as far as they can be used, and every problem with them.

    Args:
        file: the `leeward.toml`.
        profile: goes before the file's.
        variables: those of the environment, without prefix; they go before the file.
    """
    found = read_file(file)
    given, problems = given_numbers(variables)
    problems += found.problems
    base = PROFILES[profile or found.profile or "production"]
    providers = {
        name: _provider(name, config.changed(**base), found, given, problems) for name, config in DEFAULTS.items()
    }
    actors: dict[str, ActorGuards] = {}
    for name in sorted({*found.tables["actors"], *(target.owner for target in given if target.table == "actors")}):
        own = _actor(name, found, given, problems)
        actors |= dict.fromkeys(queues_of(name, DEFAULTS), own)
    elsewhere = {provider_of(queue) for queue in actors} - providers.keys()
    return FleetGuards(providers | dict.fromkeys(elsewhere, UNGUARDED), actors), problems


def _provider(
    name: str, base: GuardConfig, file: GuardFile, given: Mapping[Target, Given], problems: list[Problem]
) -> GuardConfig:
    values, label = _values("providers", name, file, given)
    try:
        return base.changed(**values)
    except ImpossibleGuard as error:
        problems.append(Problem(label, f"cannot be used: {error}."))
        return base


def _actor(name: str, file: GuardFile, given: Mapping[Target, Given], problems: list[Problem]) -> ActorGuards:
    values, label = _values("actors", name, file, given)
    if why := cannot_be_its_own(name):
        problems.append(Problem(label, f"{why}."))
    try:
        return ActorGuards(**values)
    except ImpossibleGuard as error:
        problems.append(Problem(label, f"cannot be used: {error}."))
        return ActorGuards()


def _values(table: str, owner: str, file: GuardFile, given: Mapping[Target, Given]) -> tuple[dict[str, Any], str]:
    """The numbers in force, and how to name them where they cannot be used."""
    ours = {target.setting: one for target, one in given.items() if (target.table, target.owner) == (table, owner)}
    values = file.tables[table].get(owner, {}) | {setting: one.value for setting, one in ours.items()}
    label = shown_path(table, owner)
    if ours:
        label += f" (with {', '.join(PREFIX + one.variable for one in ours.values())})"
    return values, label
