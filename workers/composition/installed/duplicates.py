"""Names that two extensions, or one of them twice, lay claim to."""

from collections.abc import Iterator, Mapping

from leeward.extension import Extension


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
    return None


def _names(extension: Extension) -> Iterator[tuple[str, str]]:
    yield "the extension name", extension.name
    for provider in extension.providers:
        yield "the provider type", provider.type
    for actor in extension.actors:
        yield "the kind of job", actor.job.kind
    # Periodic actors and handlers of different extensions never clash: the extension is part of their names.
    for declared in (*extension.periodic, *extension.handlers):
        yield "the actor", f"{extension.name}.{declared.__name__}"
