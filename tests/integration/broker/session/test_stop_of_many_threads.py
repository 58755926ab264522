"""A worker of 32 threads stops in time, as often as it is asked to.

For longer: `python -m tests.integration.broker.session.test_stop_of_many_threads 200`, which exits with 0 when every stop left nothing
behind.
"""

import sys
import time
from datetime import timedelta
from typing import Any

import dramatiq
from dramatiq import Message, Worker

from broker.broker import LeewardBroker
from leeward.wire.entry import entry_of, submit
from tests.support.servers import running_valkey

QUEUE = "lab"
THREADS = 32
LIMIT = timedelta(seconds=60)
"""Of a stop: nobody asserts how long it takes, only that nothing waits for ever."""


def test_a_worker_of_32_threads_stops_every_time(valkey_url: str) -> None:
    assert _stops(valkey_url, 8) == 8


def _stops(url: str, times: int) -> int:
    """How many of so many stops left no thread behind. Each follows a burst of jobs: that is when wake-ups come late."""
    good = 0
    for _ in range(times):
        broker = LeewardBroker(url, middleware=[])
        dramatiq.actor(broker=broker, queue_name=QUEUE, actor_name="spin")(_spin)
        worker = Worker(broker, worker_timeout=20, worker_threads=THREADS)
        worker.start()
        messages: list[Message[Any]] = [
            Message(queue_name=QUEUE, actor_name="spin", args=(), kwargs={}, options={}) for _ in range(100)
        ]
        submit(broker.client, QUEUE, [entry_of(message) for message in messages])
        broker.join(QUEUE, timeout=30_000)
        worker.stop(timeout=LIMIT // timedelta(milliseconds=1))
        good += not any(thread.is_alive() for thread in (*worker.workers, *worker.consumers.values()))
        broker.close()
    return good


def _spin() -> None:
    """Keeps the interpreter to itself."""
    end = time.monotonic() + 0.001
    while time.monotonic() < end:
        pass


if __name__ == "__main__":
    with running_valkey() as server:
        wanted = int(sys.argv[1])
        sys.exit(_stops(server.url, wanted) != wanted)
