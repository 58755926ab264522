"""Names that two extensions, or one of them twice, lay claim to."""

from collections.abc import Iterator, Mapping
from typing import Any

from leeward.extension import Actor, Extension

AnyActor = Actor[..., Any, Any, Any]


def duplicate_of(extension: Extension, others: Mapping[str, Extension]) -> str | None:
    """The first name of an extension that is taken, and what to do; None when all are free.

    Args:
        extension: the one to look at.
        others: those that are loaded already, by how they are shown.
    """
    claimed: set[tuple[str, str]] = set()
    for name in _names(extension):
        if name in claimed:
            return f"it brings {' '.join(name)} twice; remove one of them"
        claimed.add(name)
    for shown, other in others.items():
        taken = sorted(claimed.intersection(_names(other)))
        if taken:
            return f"{' '.join(taken[0])} belongs to {shown} already; remove one of the two packages"
    return _kind_of_two(extension, others)


def _names(extension: Extension) -> Iterator[tuple[str, str]]:
    yield "the extension name", extension.name
    for provider in extension.providers:
        yield "the provider type", provider.type
    for webhook in extension.webhooks:
        yield "the reading of webhooks for", webhook.provider.type
    # Periodic actors and handlers of different extensions never clash: the extension is part of their names.
    for declared in (*extension.periodic, *extension.handlers):
        yield "the actor", f"{extension.name}.{declared.__name__}"


def _kind_of_two(extension: Extension, others: Mapping[str, Extension]) -> str | None:
    for position, actor in enumerate(extension.actors):
        kind = f"the kind of job {actor.job.kind}"
        for before in extension.actors[:position]:
            if why := _clash(actor, before):
                return f"it brings {kind} twice{why}; remove one of them"
        for shown, other in others.items():
            if why := next((why for one in other.actors if (why := _clash(actor, one))), None):
                return f"{kind} belongs to {shown} already{why}; remove one of the two packages"
    return None


def _clash(one: AnyActor, other: AnyActor) -> str | None:
    """Why two actors of a kind cannot both serve it. They can where each is for providers of its own and they promise the same."""
    if one.job.kind != other.job.kind:
        return None
    if one.job is not other.job:
        return ", as another model"
    if issubclass(one.provider, other.provider) or issubclass(other.provider, one.provider):
        return f", for {other.provider.__name__}"
    if one.unknown_outcome != other.unknown_outcome:
        return f", with unknown_outcome={other.unknown_outcome!r}"
    return None
