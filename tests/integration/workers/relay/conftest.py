from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis
from sqlalchemy import Engine

from leeward import outbox
from leeward.wire.valkey.connection import connect
from storage.database.engine import create_engine
from workers.relay.mover import Mover
from workers.relay.relay import Relay

STOP_LIMIT = timedelta(seconds=20)


@pytest.fixture
def shop_url(empty_database_url: str) -> str:
    """A producer's database, with the outbox."""
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        outbox.create_table(connection)
    engine.dispose()
    return empty_database_url


@pytest.fixture
def shop(shop_url: str) -> Iterator[Engine]:
    engine = create_engine(shop_url)
    yield engine
    engine.dispose()


@pytest.fixture
def client(valkey_url: str) -> Iterator[redis.Redis]:
    with connect(valkey_url) as client:
        yield client


@pytest.fixture
def mover(shop: Engine, client: redis.Redis) -> Mover:
    return Mover(shop, client)


@pytest.fixture
def start_relay(shop_url: str, valkey_url: str) -> Iterator[Callable[[], Relay]]:
    """Starts relays with connections of their own, as processes have them; stops them at the end."""
    started: list[tuple[Relay, Engine, redis.Redis]] = []

    def start() -> Relay:
        engine, client = create_engine(shop_url), connect(valkey_url)
        relay = Relay(engine, client)
        started.append((relay, engine, client))
        relay.start()
        return relay

    yield start
    for relay, engine, client in started:
        assert relay.stop(STOP_LIMIT)
        engine.dispose()
        client.close()
