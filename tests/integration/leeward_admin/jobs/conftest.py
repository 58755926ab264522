import pytest
import redis

from leeward.wire.keys import QUEUES
from tests.integration.broker.lab import Lab


@pytest.fixture
def lab(valkey: "redis.Redis") -> Lab:
    """A provider of which the fleet knows the queue."""
    valkey.sadd(QUEUES, "lab")
    return Lab(valkey)
