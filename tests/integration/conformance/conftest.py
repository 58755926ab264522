"""Dramatiq's documented behaviour, on our broker with Dramatiq's own middleware: what a project that changes brokers relies on."""

from collections.abc import Iterator

import dramatiq
import pytest

from broker.broker import LeewardBroker
from tests.support.fleets.workers_under_test import QUICK


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    """With Dramatiq's default middleware, and as the global broker."""
    before = dramatiq.broker.global_broker
    broker = LeewardBroker(valkey_url, session=QUICK)
    dramatiq.set_broker(broker)
    yield broker
    broker.close()
    dramatiq.broker.global_broker = before
