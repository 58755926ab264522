"""Whatever the order of steps: the guards hold their limits, no job is lost to them, and everything drains."""

import fakeredis
import pytest
import redis

from tests.integration.broker.guards.guards_machine import GuardedFleet
from tests.integration.broker.scripts.test_lifecycle_of_all_jobs import run


@pytest.mark.timeout(300)
def test_the_guards_hold_on_the_real_server(valkey: "redis.Redis") -> None:
    run(lambda: valkey, usual=25, machine=GuardedFleet)


@pytest.mark.timeout(300)
def test_the_guards_hold_on_fakeredis() -> None:
    with fakeredis.FakeRedis(version=(7,)) as client:
        run(lambda: client, usual=5, machine=GuardedFleet)
