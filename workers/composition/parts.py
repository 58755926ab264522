"""What the installed extensions bring, bound to the configured instances: names and queues, nothing opened and nothing declared yet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leeward.extension import Actor, Handler, Periodic, Provider
from leeward.jobs.job import Job
from leeward.jobs.queue_name import queue_name
from workers.composition.installed.extensions import Installed
from workers.composition.instance import Instance

PERIODIC = "periodic"
EVENTS = "events"


@dataclass(frozen=True, slots=True)
class ServedKind:
    """A kind of job, in one version, and who brings it."""

    job: type[Job]
    installed: Installed


@dataclass(frozen=True, slots=True)
class BoundActor:
    """An actor of a kind of job.

    Attributes:
        name: the kind.
        queues: where its jobs wait, one an instance.
        instances: those that serve it; not empty.
    """

    name: str
    queues: tuple[str, ...]
    instances: tuple[Instance, ...]
    declared: Actor[..., Any, Any, Any]
    installed: Installed


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
    for one in installed:
        for actor in one.extension.actors:
            yield from (ServedKind(job, one) for job in (actor.job, *actor.accepts))


def instances_of(provider: type[Provider[Any]], instances: Mapping[str, Instance]) -> tuple[Instance, ...]:
    """Those of a class of providers, with those that are switched off."""
    return tuple(one for one in instances.values() if issubclass(one.type.provider, provider))


def bound_actors(installed: Iterable[Installed], instances: Mapping[str, Instance]) -> Iterator[BoundActor]:
    for one in installed:
        for actor in one.extension.actors:
            if served := instances_of(actor.provider, instances):
                yield BoundActor(actor.job.kind, queues_of(actor.job, served), served, actor, one)


def queues_of(job: type[Job], instances: Iterable[Instance]) -> tuple[str, ...]:
    return tuple(queue_name(job.family, one.name) for one in instances)


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
