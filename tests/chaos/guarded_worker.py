"""A worker process whose provider is guarded: `python -m tests.chaos.guarded_worker URL PROVIDER_PORT [options]`.

Its one actor, `call`, calls the provider under test; port 0 is a worker for which nothing can be reached.
"""

import argparse
import signal
import socket
import sys
import threading
from datetime import timedelta

from dramatiq import Worker

from broker.broker import LeewardBroker
from broker.guards.actor_config import ActorGuards
from broker.guards.config import GuardConfig
from broker.options import SessionOptions
from leeward.extension.errors import Transient
from middleware.guard_declaration import GuardDeclaration
from middleware.order import rings
from tests.support.fleets.workers_under_test import actor_of


def call(name: str, port: int) -> None:
    try:
        with socket.create_connection(("127.0.0.1", port or 1), timeout=10) as connection:
            connection.sendall(name.encode() + b"\n")
            answer = connection.recv(16)
    except OSError as error:
        raise Transient(str(error), provider="lab", operation="call") from error
    if answer != b"ok\n":
        raise Transient("the connection was cut", provider="lab", operation="call")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("port", type=int)
    parser.add_argument("--host", default="alpha")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--own-limit", type=int, default=0, help="of its actor")
    parser.add_argument("--rate", type=float, default=0.0, help="jobs per second")
    parser.add_argument("--burst", type=int, default=1)
    parser.add_argument("--open-for", type=float, default=1.0, help="seconds")
    parser.add_argument("--lease", type=float, default=1.5, help="seconds")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    session = SessionOptions(
        lease=timedelta(seconds=given.lease), sweep=timedelta(seconds=0.5), host=given.host, crash_limit=100
    )
    config = GuardConfig(
        limit=given.limit,
        rate=given.rate,
        burst=given.burst,
        open_for=timedelta(seconds=given.open_for),
        ramp=timedelta(seconds=0.5),
        probes=2,
    )
    declaration = GuardDeclaration({"lab": config}, {"lab": ActorGuards(limit=given.own_limit)})
    broker = LeewardBroker(given.url, middleware=[*rings(), declaration], session=session)
    actor_of(broker)(lambda name: call(name, given.port), actor_name="call", min_backoff=50, max_backoff=200)
    worker = Worker(broker, worker_timeout=100, worker_threads=given.threads)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker.start()
    print("working", flush=True)  # noqa: T201 # the test waits for it
    stop.wait()
    worker.stop(timeout=1_000)
    broker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
