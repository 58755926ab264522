"""What a worker process serves, as the fleet's record has it."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import dramatiq

from broker.broker import LeewardBroker
from broker.periodic.schedule import schedule_of
from leeward.record import (
    Catalogue,
    InstalledExtension,
    KindSummary,
    Origin,
    PublishedKind,
    ServedActor,
    ServedProvider,
)

OURS = Origin(extension="leeward", distribution="leeward-fleet")


def served_by(
    broker: LeewardBroker,
    *,
    providers: Mapping[str, ServedProvider] = {},
    origins: Mapping[str, Origin] = {},
    queues: Mapping[str, Iterable[str]] = {},
    events: Mapping[str, str] = {},
    extensions: Mapping[str, InstalledExtension] = {},
) -> tuple[Catalogue, list[PublishedKind]]:
    """What a broker's actors serve.

    Args:
        broker: with every actor declared.
        providers: by instance.
        origins: where an actor comes from; the fleet itself where nothing is said.
        queues: where an actor's jobs wait; every declared queue of its family where nothing is said.
        events: handler -> what it handles.
        extensions: by name.
    """
    actors = dict(sorted(broker.actors.items()))
    kinds = [
        PublishedKind.of(actor.options["job"], origins.get(name, _ours()))
        for name, actor in actors.items()
        if "job" in actor.options
    ]
    catalogue = Catalogue(
        release=_ours().release,
        kinds={kind.name: KindSummary.of(kind) for kind in kinds},
        providers=providers,
        actors={
            name: ServedActor(
                queues=tuple(sorted(queues.get(name) or _queues(broker, actor))),
                extension=origins.get(name, _ours()).extension,
                schedule=_schedule(actor),
                event=events.get(name, ""),
            )
            for name, actor in actors.items()
        },
        extensions=extensions,
    )
    return catalogue, kinds


def _queues(broker: LeewardBroker, actor: "dramatiq.Actor[Any, Any]") -> Iterable[str]:
    job = actor.options.get("job")
    if job is None:
        return [actor.queue_name]
    return [queue for queue in broker.get_declared_queues() if queue.startswith(f"{job.family}.")]


def _schedule(actor: "dramatiq.Actor[Any, Any]") -> str:
    periodic = actor.options.get("periodic")
    return "" if periodic is None else schedule_of(periodic).text


@cache
def _ours() -> Origin:
    try:
        release = version(OURS.distribution)
    except PackageNotFoundError:  # a checkout that nobody has installed
        release = ""
    return OURS.model_copy(update={"release": release})
