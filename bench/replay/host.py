"""The part of a worker host that runs replays: drains outboxes, adopts replays. Started, killed and started again by the benchmark."""

import signal
import sys

from broker.fleet.queues import known_providers
from leeward.wire.valkey.connection import connect
from storage.database.engine import create_engine
from workers.background.drainer import Drainer
from workers.background.replays.replay_loop import ReplayLoop
from workers.background.replays.run import Fleet


def main(valkey_url: str, database_url: str) -> None:
    client, engine = connect(valkey_url), create_engine(database_url, pool_size=8)
    fleet = Fleet(engine, client, lambda: known_providers(client))
    Drainer(client, engine, fleet.providers).start()
    ReplayLoop(fleet).start()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
