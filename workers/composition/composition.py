"""What the settings and the installed extensions make of a worker. Reads everything, opens nothing, declares nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from actors import probe, prune
from actors.accounts import expiry
from leeward.errors import Unusable
from leeward.jobs.kinds import KINDS
from leeward.redaction import hide_credentials
from workers.composition.installed.extensions import Broken, BrokenExtensions, Extensions, Installed, load
from workers.composition.instance import Instance
from workers.composition.parts import (
    BoundActor,
    BoundHandler,
    BoundPeriodic,
    ServedKind,
    bound_actors,
    bound_handlers,
    bound_periodic,
    kinds_of,
)
from workers.dependencies.probes import DEPENDENCY_PROBES
from workers.settings.instances.fleet import ActorFacts, FleetSettings, read_fleet
from workers.settings.problem import InvalidSettings, Problem
from workers.settings.settings import Settings


class UnusableSettings(InvalidSettings, Unusable):
    """Raised when no process can work with the settings of providers and actors: starting it again changes nothing."""

    code = "unusable_settings"


@dataclass(frozen=True)
class Composition:
    """Everything, problems included.

    Attributes:
        extensions: what is installed, and what of it is broken.
        fleet: what the settings say of providers and actors.
    """

    extensions: Extensions
    fleet: FleetSettings

    @property
    def installed(self) -> tuple[Installed, ...]:
        return self.extensions.installed

    @property
    def broken(self) -> tuple[Broken, ...]:
        return self.extensions.broken

    @property
    def instances(self) -> Mapping[str, Instance]:
        """By name, with those that are switched off."""
        return self.fleet.instances

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.fleet.problems

    @cached_property
    def kinds(self) -> tuple[ServedKind, ...]:
        return tuple(kinds_of(self.installed))

    @cached_property
    def actors(self) -> tuple[BoundActor, ...]:
        """Those that have an instance."""
        return tuple(one for one in bound_actors(self.installed, self.instances) if one.instances)

    @cached_property
    def periodic(self) -> tuple[BoundPeriodic, ...]:
        return tuple(bound_periodic(self.installed, self.instances))

    @cached_property
    def handlers(self) -> tuple[BoundHandler, ...]:
        return tuple(bound_handlers(self.installed, self.instances))

    @property
    def templates(self) -> tuple[Path, ...]:
        return tuple(one.extension.templates for one in self.installed if one.extension.templates is not None)


def compose(settings: Settings, extensions: Extensions | None = None) -> Composition:
    """Imports the extensions of this environment, so it is for workers, schedulers and `leeward check` only. Raises nothing.

    Args:
        settings: of this machine.
        extensions: those to compose, where they are not those of this environment.
    """
    found = load() if extensions is None else extensions
    return Composition(found, read_fleet(settings, found.types(), partial(_facts, found.installed)))


def usable(settings: Settings, extensions: Extensions | None = None) -> Composition:
    """`compose`, for a process that is to work with it: knows its kinds from then on, and shows its credentials in no text.

    Raises:
        BrokenExtensions: an installed extension cannot be used.
        UnusableSettings: with every problem of the settings.
    """
    found = compose(settings, extensions)
    hide_credentials(found.fleet.credentials())
    if found.broken:
        raise BrokenExtensions(found.broken)
    if found.problems:
        raise UnusableSettings(list(found.problems))
    KINDS.add(kind.job for kind in found.kinds)
    return found


def _facts(installed: tuple[Installed, ...], instances: Mapping[str, Instance]) -> Iterator[ActorFacts]:
    """Every actor that is declared, also those without an instance."""
    for actor in bound_actors(installed, instances):
        usual = actor.services[0].declared.retry_preset
        yield ActorFacts(actor.name, actor.queues, usual, actor.job.idempotent, declared_presets=actor.retry_presets)
    for periodic in bound_periodic(installed, instances):
        yield ActorFacts(periodic.name, (periodic.queue,), periodic=True)
    for handler in bound_handlers(installed, instances):
        yield ActorFacts(handler.name, (handler.queue,))
    yield from _own(instances)


def _own(instances: Mapping[str, Instance]) -> Iterator[ActorFacts]:
    """The periodic actors that every fleet has."""
    yield ActorFacts(expiry.ACTOR, (expiry.QUEUE,), periodic=True)
    yield ActorFacts(prune.ACTOR, (prune.QUEUE,), periodic=True)
    yield ActorFacts(DEPENDENCY_PROBES, (probe.QUEUE,), periodic=True)
    for instance in instances.values():
        yield ActorFacts(probe.actor_name(instance.name), (probe.QUEUE,), periodic=True)
