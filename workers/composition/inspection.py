"""What is installed in this environment, for `leeward extensions`, which runs it as a process of its own."""

from typing import Any

from leeward.redaction import cleaned
from workers.composition.answering import answer
from workers.composition.installed.extensions import Installed, load


def inspected() -> dict[str, Any]:
    """Every extension that can be used with what it brings, and every one that cannot with the reason."""
    found = load()
    return {
        "installed": [_document(one) for one in found.installed],
        "broken": [{"name": one.name, "why": cleaned(one.why)} for one in found.broken],
    }


def _document(installed: Installed) -> dict[str, Any]:
    own = installed.extension
    return {
        "name": own.name,
        "api": own.api,
        "distribution": installed.distribution,
        "version": installed.version,
        "providers": [provider.type for provider in own.providers],
        "kinds": [f"{job.kind}@{job.version}" for actor in own.actors for job in (actor.job, *actor.accepts)],
        "periodic": [one.__name__ for one in own.periodic],
        "handlers": {one.__name__: one.event for one in own.handlers},
    }


if __name__ == "__main__":
    answer(inspected)
