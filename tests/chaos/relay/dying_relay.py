"""A relay that is killed at a named point of its first batch: `python -m tests.chaos.relay.dying_relay POINT`.

The servers are in LEEWARD_VALKEY_URL and LEEWARD_OUTBOX_DATABASE_URL. Everything is the relay's own; only the step after the point does
not come.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from leeward.outbox import relaying
from workers.processes import outbox_relay
from workers.relay import mover
from workers.settings.settings import Settings


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(step: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> None:
        step(*arguments, **named)
        die()

    return run


def before_the_commit(connection: Connection) -> None:
    if connection.in_transaction():
        die()


POINTS: dict[str, Callable[[], None]] = {
    "claimed": lambda: setattr(mover, "relay", die),
    "enqueued": lambda: setattr(mover, "relay", then_die(relaying.relay)),
    "deleted": lambda: setattr(Connection, "commit", before_the_commit),
    "committed": lambda: setattr(Connection, "commit", then_die(Connection.commit)),
}

if __name__ == "__main__":
    POINTS[sys.argv[1]]()
    outbox_relay.run(Settings.from_environment())
