from collections.abc import Iterator

import pytest

from broker.broker import LeewardBroker
from middleware.order import rings
from tests.support.fleets.workers_under_test import broker_at


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    """With all our rings; no worker runs yet."""
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield broker
