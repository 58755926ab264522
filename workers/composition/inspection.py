"""What is installed in this environment, for `leeward extensions`. Run as a process of its own: what an extension does when it is imported
must not end the command that looks. Writes JSON.
"""

import json
import os
import sys
from typing import Any

from leeward.redaction import cleaned
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


def main() -> None:
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what extensions print is not part of the answer
    json.dump(inspected(), answer)
    answer.flush()
    sys.stderr.flush()
    os._exit(0)  # threads of an extension must not keep the command waiting


if __name__ == "__main__":
    main()
