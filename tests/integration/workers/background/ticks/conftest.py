"""A broker with all rings, on the test's own Valkey."""

from collections.abc import Iterator

import pytest

from broker.broker import LeewardBroker
from middleware.order import rings
from tests.support.fleets.workers_under_test import broker_at


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield broker
