"""The extensions of a fleet: what is installed in this environment, and what its workers have loaded."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leeward.record import Catalogue
from leeward_admin.loading import answer_of

__all__ = ["BrokenExtension", "ExtensionState", "FleetExtensions", "extensions_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionState:
    """An extension in one version.

    Attributes:
        installed: in this environment; of one that only workers have, what it brings is known as far as they publish it.
        providers: types.
        kinds: `<kind>@<version>`.
        periodic, handlers: names of functions; of one that only workers have, names of actors.
        workers: the worker processes that have loaded it in this version.
    """

    name: str
    distribution: str
    version: str
    api: int
    installed: bool = True
    providers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    periodic: tuple[str, ...] = ()
    handlers: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenExtension:
    """An extension that cannot be used.

    Attributes:
        name: the package, its version and the entry point.
        why: what is wrong, and what to do.
        workers: the worker processes that did not start because of it; empty where it is broken in this environment.
    """

    name: str
    why: str
    workers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FleetExtensions:
    """All of them, by name."""

    usable: tuple[ExtensionState, ...]
    broken: tuple[BrokenExtension, ...]


def extensions_of(workers: Mapping[str, Catalogue]) -> FleetExtensions:
    """What is installed here, and what workers have.

    Args:
        workers: process -> what it serves, of those that live (`FleetRecord.workers`).

    Raises:
        ExtensionsNotLoaded: importing an extension ended the process that did it.
    """
    here = answer_of("workers.composition.inspection")
    running = _running(workers)
    usable = [_state(one, running.pop(_key(one), ())) for one in here["installed"]]
    usable += [_elsewhere(key, processes, workers) for key, processes in running.items()]
    broken = [BrokenExtension(one["name"], one["why"]) for one in here["broken"]]
    return FleetExtensions(tuple(sorted(usable, key=lambda one: (one.name, one.version))), (*broken, *_broken(workers)))


def _running(workers: Mapping[str, Catalogue]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    found: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for process, catalogue in sorted(workers.items()):
        for name, one in catalogue.extensions.items():
            found[name, one.distribution, one.version].append(process)
    return {key: tuple(processes) for key, processes in found.items()}


def _key(document: Mapping[str, Any]) -> tuple[str, str, str]:
    return document["name"], document["distribution"], document["version"]


def _state(document: Mapping[str, Any], workers: tuple[str, ...]) -> ExtensionState:
    handlers = tuple(f"{name} of {event}" for name, event in document["handlers"].items())
    name, distribution, version = _key(document)
    return ExtensionState(
        name=name,
        distribution=distribution,
        version=version,
        api=document["api"],
        providers=tuple(document["providers"]),
        kinds=tuple(document["kinds"]),
        periodic=tuple(document["periodic"]),
        handlers=handlers,
        workers=workers,
    )


def _elsewhere(
    key: tuple[str, str, str], processes: tuple[str, ...], workers: Mapping[str, Catalogue]
) -> ExtensionState:
    name, distribution, version = key
    catalogue = workers[processes[0]]
    own = {actor: one for actor, one in catalogue.actors.items() if name in (one.extension, *one.others)}
    types = {one.type for one in catalogue.providers.values() if one.extension == name}
    return ExtensionState(
        name=name,
        distribution=distribution,
        version=version,
        api=catalogue.extensions[name].api,
        installed=False,
        providers=tuple(sorted(types)),
        kinds=tuple(kind for kind in catalogue.kinds if kind.partition("@")[0] in own),
        periodic=tuple(actor for actor, one in own.items() if one.schedule),
        handlers=tuple(f"{actor} of {one.event}" for actor, one in own.items() if one.event),
        workers=processes,
    )


def _broken(workers: Mapping[str, Catalogue]) -> list[BrokenExtension]:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for process, catalogue in sorted(workers.items()):
        for name, why in catalogue.broken.items():
            found[name, why].append(process)
    return [BrokenExtension(name, why, tuple(processes)) for (name, why), processes in found.items()]
