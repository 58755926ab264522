"""What the installed extensions bring, bound to the configured instances: names and queues, nothing opened and nothing declared yet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leeward.extension import Actor, Handler, Periodic, Provider, UnknownOutcome
from leeward.jobs.job import Job
from leeward.jobs.queue_name import queue_name
from workers.composition.installed.extensions import Installed
from workers.composition.instance import Instance

PERIODIC = "periodic"
EVENTS = "events"


@dataclass(frozen=True, slots=True)
class ServedKind:
    """A kind of job, in one version, and who brings it: several extensions, where each serves it at a provider of its own."""

    job: type[Job]
    brought_by: tuple[Installed, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What one extension does for a kind of job, at the instances of one class of providers."""

    declared: Actor[..., Any, Any, Any]
    installed: Installed
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class BoundActor:
    """An actor of a kind of job.

    Attributes:
        name: the kind.
        services: one for each class of providers that serves the kind, those without an instance included.
    """

    name: str
    services: tuple[Service, ...]

    @property
    def job(self) -> type[Job]:
        """The model; all services have the same."""
        return self.services[0].declared.job

    @property
    def unknown_outcome(self) -> UnknownOutcome:
        """All services have the same."""
        return self.services[0].declared.unknown_outcome

    @property
    def retry_presets(self) -> dict[str, str]:
        """Instance -> the preset that its service declares."""
        return {one.name: service.declared.retry_preset for service in self.services for one in service.instances}

    @property
    def accepts(self) -> tuple[type[Job], ...]:
        """Older versions of the kind."""
        return tuple(dict.fromkeys(job for service in self.services for job in service.declared.accepts))

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Those that serve it."""
        return tuple(one for service in self.services for one in service.instances)

    @property
    def queues(self) -> tuple[str, ...]:
        """Where its jobs wait, one an instance."""
        return tuple(queue_name(self.job.family, one.name) for one in self.instances)


@dataclass(frozen=True, slots=True)
class BoundPeriodic:
    """A periodic actor: one an instance, or one for the fleet."""

    name: str
    queue: str
    schedule: str | timedelta
    instance: Instance | None
    declared: Periodic[..., Any]
    installed: Installed


@dataclass(frozen=True, slots=True)
class BoundHandler:
    """An event handler: one an instance, or one for the fleet."""

    name: str
    event: str
    queue: str
    instance: Instance | None
    declared: Handler[..., Any]
    installed: Installed


def kinds_of(installed: Iterable[Installed]) -> Iterator[ServedKind]:
    """The kinds of all actors, and the older versions that they accept."""
    brought = defaultdict[type[Job], dict[str, Installed]](dict)
    for one in installed:
        for actor in one.extension.actors:
            for job in (actor.job, *actor.accepts):
                brought[job][one.name] = one
    for job, by_name in brought.items():
        yield ServedKind(job, tuple(by_name.values()))


def instances_of(provider: type[Provider[Any]], instances: Mapping[str, Instance]) -> tuple[Instance, ...]:
    """Those of a class of providers, with those that are switched off."""
    return tuple(one for one in instances.values() if issubclass(one.type.provider, provider))


def bound_actors(installed: Iterable[Installed], instances: Mapping[str, Instance]) -> Iterator[BoundActor]:
    """One for each kind, those without an instance included."""
    services = defaultdict[str, list[Service]](list)
    for one in installed:
        for actor in one.extension.actors:
            services[actor.job.kind].append(Service(actor, one, instances_of(actor.provider, instances)))
    for kind, found in services.items():
        yield BoundActor(kind, tuple(found))


def bound_periodic(installed: Iterable[Installed], instances: Mapping[str, Instance]) -> Iterator[BoundPeriodic]:
    for one in installed:
        for declared in one.extension.periodic:
            for instance in _places(declared.provider, instances):
                name, queue = _name(one, declared.__name__, instance), _queue(PERIODIC, instance)
                yield BoundPeriodic(name, queue, declared.schedule, instance, declared, one)


def bound_handlers(installed: Iterable[Installed], instances: Mapping[str, Instance]) -> Iterator[BoundHandler]:
    for one in installed:
        for declared in one.extension.handlers:
            for instance in _places(declared.provider, instances):
                name, queue = _name(one, declared.__name__, instance), _queue(EVENTS, instance)
                yield BoundHandler(name, declared.event, queue, instance, declared, one)


def _places(
    provider: type[Provider[Any]] | None, instances: Mapping[str, Instance]
) -> tuple[Instance, ...] | tuple[None]:
    return (None,) if provider is None else instances_of(provider, instances)


def _name(installed: Installed, function: str, instance: Instance | None) -> str:
    parts = (installed.name, function) if instance is None else (installed.name, function, instance.name)
    return ".".join(parts)


def _queue(family: str, instance: Instance | None) -> str:
    return family if instance is None else queue_name(family, instance.name)
