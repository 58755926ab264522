"""A provider's scripts on the real Valkey, and on fakeredis so that a stranger to both finds no third opinion."""

from collections.abc import Iterator

import fakeredis
import pytest
import redis

from broker.broker import LeewardBroker
from middleware.order import rings
from tests.integration.broker.lab import Lab
from tests.support.fleets.workers_under_test import broker_at


@pytest.fixture
def lab(valkey: "redis.Redis") -> Lab:
    return Lab(valkey)


@pytest.fixture(params=["valkey", "fakeredis"])
def any_server(request: pytest.FixtureRequest) -> Iterator["redis.Redis"]:
    if request.param == "valkey":
        yield request.getfixturevalue("valkey")
    else:
        with fakeredis.FakeRedis(version=(7,)) as client:
            yield client


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    """With all our rings; no worker runs yet."""
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield broker
