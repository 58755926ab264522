"""The part of a worker host that runs replays: drains outboxes, adopts replays. Started, killed and started again by the benchmark."""

import signal
import sys

from broker.steering import known_providers
from leeward.connection import connect
from storage.engine import create_engine
from workers.drainer import Drainer
from workers.replay.adopter import Adopter
from workers.replay.run import Fleet


def main(valkey_url: str, database_url: str) -> None:
    client, engine = connect(valkey_url), create_engine(database_url, pool_size=8)
    fleet = Fleet(engine, client, lambda: known_providers(client))
    Drainer(client, engine, fleet.providers).start()
    Adopter(fleet).start()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
