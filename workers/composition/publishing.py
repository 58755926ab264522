"""What a worker process serves, as the fleet's record has it."""

import os
from collections.abc import Iterator
from contextlib import suppress

from broker.broker import LeewardBroker
from broker.options import SessionOptions
from broker.periodic.schedule import schedule_of
from leeward.record import (
    Catalogue,
    InstalledExtension,
    KindSummary,
    Origin,
    PublishedKind,
    ServedActor,
    ServedDependency,
    ServedProvider,
)
from leeward.record.publication import publish_failure
from leeward.redaction import cleaned
from leeward.wire.valkey.connection import connect
from workers.composition.composition import Composition
from workers.composition.installed.extensions import Broken, Installed
from workers.dependencies.dependency import Dependency
from workers.processes.addresses import valkey_address
from workers.release import release
from workers.settings.settings import Settings


def served_by(composition: Composition, broker: LeewardBroker) -> tuple[Catalogue, list[PublishedKind]]:
    """The catalogue of a worker and its kinds.

    Args:
        composition: what was declared on the broker.
        broker: with every actor, also the fleet's own.
    """
    kinds = [PublishedKind.of(kind.job, _origin(*kind.brought_by)) for kind in composition.kinds]
    actors = _own_actors(broker) | dict(_actors(composition))
    catalogue = Catalogue(
        release=release(),
        kinds={kind.name: KindSummary.of(kind) for kind in kinds},
        providers={
            name: ServedProvider(
                type=instance.type.name,
                criticality=instance.criticality,
                enabled=instance.enabled,
                extension=instance.type.extension,
                depends_on=instance.depends_on,
            )
            for name, instance in composition.instances.items()
        },
        actors=dict(sorted(actors.items())),
        extensions=_extensions(composition.installed),
        dependencies={name: _dependency(one) for name, one in composition.fleet.dependencies.items()},
    )
    return catalogue, kinds


def publish_broken(settings: Settings, broken: tuple[Broken, ...]) -> None:
    """Says why a worker cannot run, for `leeward extensions` on any machine. Whatever keeps it from that is not worth a second error."""
    catalogue = Catalogue(release=release(), broken={one.name: cleaned(one.why) for one in broken})
    process = f"{SessionOptions().host}:{os.getpid()}"
    with suppress(Exception), connect(valkey_address(settings)) as client:
        publish_failure(client, process, catalogue)


def _actors(composition: Composition) -> Iterator[tuple[str, ServedActor]]:
    for actor in composition.actors:
        first, *others = dict.fromkeys(service.installed.name for service in actor.services if service.instances)
        yield actor.name, ServedActor(queues=tuple(sorted(actor.queues)), extension=first, others=tuple(others))
    for periodic in composition.periodic:
        schedule = schedule_of(periodic.schedule).text
        yield (
            periodic.name,
            ServedActor(queues=(periodic.queue,), extension=periodic.installed.name, schedule=schedule),
        )
    for handler in composition.handlers:
        yield (
            handler.name,
            ServedActor(queues=(handler.queue,), extension=handler.installed.name, event=handler.event),
        )


def _own_actors(broker: LeewardBroker) -> dict[str, ServedActor]:
    """Every actor that is declared; of the fleet's own nothing else is known."""
    return {
        name: ServedActor(
            queues=(actor.queue_name,),
            schedule=schedule_of(actor.options["periodic"]).text if "periodic" in actor.options else "",
        )
        for name, actor in broker.actors.items()
    }


def _extensions(installed: tuple[Installed, ...]) -> dict[str, InstalledExtension]:
    return {
        one.name: InstalledExtension(distribution=one.distribution, version=one.version, api=one.extension.api)
        for one in installed
    }


def _dependency(one: Dependency) -> ServedDependency:
    return ServedDependency(
        type=one.type, criticality=one.criticality, depends_on=one.depends_on, needed_by=one.needed_by, host=one.host
    )


def _origin(first: Installed, *others: Installed) -> Origin:
    return Origin(
        extension=first.name,
        distribution=first.distribution,
        release=first.version,
        packages=tuple(dict.fromkeys(package for one in (first, *others) for package in one.packages)),
    )
