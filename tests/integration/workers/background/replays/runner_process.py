"""A host's replays in a process of their own, to be killed. `when` says at what point it kills itself; `never` leaves that to the test."""

import os
import signal
import sys
import threading
from typing import Any
from uuid import UUID

import redis

from broker.fleet.queues import known_providers
from leeward.wire.valkey import performing
from leeward.wire.valkey.connection import connect
from leeward.wire.valkey.thread_connection import ask
from storage.database.engine import create_engine
from workers.background.drainer import Drainer
from workers.background.replays.replay_loop import ReplayLoop
from workers.background.replays.run import Fleet, run


def die_at_the_first_enqueue(when: str) -> None:
    send = ask

    def dying(client: redis.Redis, *command: Any) -> Any:
        if "1+" not in command[4:6]:  # the argument that only an enqueue of a replay has
            return send(client, *command)
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        send(client, *command)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")

    setattr(performing, "ask", dying)  # noqa: B010 # it is not the module's own


def main(valkey_url: str, database_url: str, when: str, replay_id: str = "") -> None:
    client, engine = connect(valkey_url), create_engine(database_url)
    fleet = Fleet(engine, client, lambda: known_providers(client))
    if when != "never":
        die_at_the_first_enqueue(when)
        run(fleet, UUID(replay_id), threading.Event())
        return
    Drainer(client, engine, fleet.providers).start()
    ReplayLoop(fleet).start()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
