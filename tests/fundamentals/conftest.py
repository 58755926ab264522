"""A broker with every ring, and a worker in this process."""

from collections.abc import Callable, Iterator

import dramatiq
import pytest

from broker.broker import LeewardBroker
from leeward import Leeward
from middleware.order import rings
from tests.support.fleets.workers_under_test import broker_at

StartWorker = Callable[..., dramatiq.Worker]


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield broker


@pytest.fixture
def start_worker(broker: LeewardBroker) -> Iterator[StartWorker]:
    """Starts a worker, with four threads unless told otherwise. Declare the actors first."""
    workers: list[dramatiq.Worker] = []

    def start(threads: int = 4) -> dramatiq.Worker:
        workers.append(dramatiq.Worker(broker, worker_threads=threads))
        workers[-1].start()
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


@pytest.fixture
def fleet(valkey_url: str) -> Iterator[Leeward]:
    """What another service has: the client."""
    with Leeward(valkey_url) as fleet:
        yield fleet
