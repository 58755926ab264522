"""All settings that depend on what is installed: one reading, every problem at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from broker.guards.actor_config import ActorGuards
from broker.guards.config import GuardConfig
from leeward.jobs.queue_name import provider_of
from middleware.retries.presets import ActorPresets
from workers.composition.instance import Instance
from workers.composition.provider_type import ProviderType
from workers.dependencies.dependency import Dependency
from workers.settings.credentials import secrets_in
from workers.settings.dependencies.reading import (
    dependency_names,
    dependency_place,
    problems_of_graph,
    read_dependencies,
)
from workers.settings.guards.defaults import PROFILES, UNGUARDED
from workers.settings.instances import actors as actor_tables
from workers.settings.instances.actors import ActorFacts, read_actors
from workers.settings.instances.instances import FoundInstances, read_instances, written_instances
from workers.settings.instances.retry_presets import preset_names, preset_place, read_presets
from workers.settings.instances.schedules import ActorSchedule
from workers.settings.problem import Problem
from workers.settings.reader.names import VariableMeanings
from workers.settings.reader.source import Source
from workers.settings.settings import Settings, core_variables

__all__ = ["ActorFacts", "FleetSettings", "read_fleet"]


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """What can be used, and everything that is wrong.

    Attributes:
        instances: by name, those that are switched off included.
        guards: by provider: of the instances, and of what else the actors' queues belong to.
        actor_guards: the own numbers of actors, by queue.
        retry_presets: by actor; the actor option `retry_preset`.
        schedules: of periodic actors that have one of their own.
        dependencies: of the configuration, by name.
    """

    instances: Mapping[str, Instance] = field(default_factory=dict)
    guards: Mapping[str, GuardConfig] = field(default_factory=dict)
    actor_guards: Mapping[str, ActorGuards] = field(default_factory=dict)
    retry_presets: Mapping[str, ActorPresets] = field(default_factory=dict)
    schedules: Mapping[str, ActorSchedule] = field(default_factory=dict)
    dependencies: Mapping[str, Dependency] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def credentials(self) -> Iterator[str]:
        """The secrets of every instance: no text of this process may show them."""
        for instance in self.instances.values():
            yield from secrets_in(instance.settings)


def read_fleet(
    settings: Settings,
    types: Mapping[str, ProviderType],
    actors_of: Callable[[Mapping[str, Instance]], Iterable[ActorFacts]],
) -> FleetSettings:
    """Reads everything and raises nothing.

    Args:
        settings: the core's, with what the process was given.
        types: what the installed extensions bring, by name.
        actors_of: every actor that they bring, given the instances that can be used.
    """
    source, meanings = settings.source, VariableMeanings(core_variables())
    found = written_instances(source, types)
    _claim(found, meanings, source)
    for name in preset_names(source):
        meanings.claim(preset_place(name).variables(), f"retry_presets.{name}")
    for name in dependency_names(source):
        meanings.claim(dependency_place(name).variables(), f"dependencies.{name}")
    for actor in actors_of({}):
        meanings.claim(actor_tables.variables(actor.name), f'actors."{actor.name}"')
    ambiguous = dict(meanings.ambiguous(source.variables))
    clear = source.without(ambiguous)
    presets = read_presets(clear)
    read_instances(clear, found, presets.presets, PROFILES[settings.profile or "production"])
    served = list(actors_of(found.usable))
    actors = read_actors(clear, served, found.usable, presets.presets, settings.self_drain.actors)
    dependencies = read_dependencies(clear)
    needed = {name: instance.depends_on for name, instance in found.usable.items()}
    guards = {name: instance.guards for name, instance in found.usable.items()}
    for actor in served:
        meanings.claim(actor_tables.variables(actor.name), f'actors."{actor.name}"')
    elsewhere = {provider_of(queue) for queue in actors.guards} - guards.keys()
    return FleetSettings(
        instances=found.usable,
        guards=guards | dict.fromkeys(elsewhere, UNGUARDED),
        actor_guards=actors.guards,
        retry_presets=actors.presets,
        schedules=actors.schedules,
        dependencies=dependencies.dependencies,
        problems=(
            *ambiguous.values(),
            *meanings.unknown(source.variables),
            *found.problems,
            *presets.problems,
            *actors.problems,
            *dependencies.problems,
            *problems_of_graph(source, dependencies.dependencies, needed),
        ),
    )


def _claim(found: FoundInstances, meanings: VariableMeanings, source: Source) -> None:
    """Leaves out the instances that have a variable which is a setting of the fleet itself."""
    for written in list(found.written):
        taken = meanings.claim(written.variables(), ".".join(written.at))
        if not taken:
            continue
        found.written.remove(written)
        if written.in_file:
            advice = (
                f"would have the variable LEEWARD_{taken[0]}, which is a setting of the fleet; choose another name."
            )
            found.problems.append(Problem(source.at(*written.at), advice))
