"""A relay whose servers cannot be reached waits, without asking all the time, and continues by itself."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from sqlalchemy import Engine

from leeward import SyncUser, outbox
from leeward.record.reader import text_of
from leeward.wire.keys import ProviderKeys
from leeward.wire.valkey.connection import connect
from storage.database.engine import create_engine
from tests.support.infrastructure.pgbouncer import PROGRAM, pgbouncer
from tests.support.servers import execute
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedPostgres, EmbeddedValkey
from workers.relay.relay import Relay, RelayOptions

JOBS = ProviderKeys("jellyfin").jobs
OPTIONS = RelayOptions(longest_pause=timedelta(seconds=1))
STOP_LIMIT = timedelta(seconds=20)


def add(url: str) -> str:
    with psycopg.connect(url) as connection:
        return outbox.add(connection, SyncUser(user="alice")).job_id


def jobs(url: str) -> set[str]:
    with connect(url) as client:
        return set(map(text_of, client.hkeys(JOBS)))


@pytest.fixture
def relay(shop: Engine, own_valkey: EmbeddedValkey) -> Iterator[Relay]:
    client = connect(own_valkey.url)
    relay = Relay(shop, client, options=OPTIONS)
    relay.start()
    yield relay
    assert relay.stop(STOP_LIMIT)
    client.close()


def test_rows_wait_for_an_absent_valkey(shop_url: str, own_valkey: EmbeddedValkey, relay: Relay) -> None:
    before = add(shop_url)
    wait_until(lambda: relay.moved.sent["jellyfin"] == 1, description="the first row is sent")
    own_valkey.stop()  # a killed one loses what it answered during an fsync
    meanwhile = add(shop_url)
    wait_until(lambda: relay.sign.away == "valkey", description="the relay knows that Valkey is gone", timeout=30)
    assert "Valkey did not answer" in (relay.sign.problem or "")
    own_valkey.start()

    wait_until(lambda: relay.sign.away is None and relay.moved.sent["jellyfin"] == 2, description="both are sent")
    assert jobs(own_valkey.url) == {before, meanwhile}


def test_a_restarted_postgresql_is_found_again(own_postgres: EmbeddedPostgres, client: redis.Redis) -> None:
    engine = create_engine(own_postgres.url)
    with engine.begin() as connection:
        outbox.create_table(connection)
    relay = Relay(engine, client, options=OPTIONS)
    relay.start()
    try:
        before = add(own_postgres.url)
        wait_until(lambda: relay.moved.sent["jellyfin"] == 1, description="the first row is sent")
        own_postgres.kill()
        wait_until(lambda: relay.sign.away == "postgresql", description="the relay knows that PostgreSQL is gone")
        own_postgres.start()
        after = add(own_postgres.url)
        wait_until(lambda: relay.moved.sent["jellyfin"] == 2, description="the relay continues", timeout=30)
        assert set(map(text_of, client.hkeys(JOBS))) == {before, after}
    finally:
        assert relay.stop(STOP_LIMIT)
        engine.dispose()


def test_a_missing_table_is_named_and_found_when_it_is_there(empty_database_url: str, client: redis.Redis) -> None:
    engine = create_engine(empty_database_url)
    relay = Relay(engine, client, options=OPTIONS)
    relay.start()
    try:
        wait_until(lambda: relay.sign.problem, description="the relay has a problem")
        assert "no table leeward_outbox: run `leeward outbox migrate`" in (relay.sign.problem or "")
        with engine.begin() as connection:
            outbox.create_table(connection)
        add(empty_database_url)
        wait_until(lambda: relay.moved.sent["jellyfin"] == 1, description="the relay continues")
    finally:
        assert relay.stop(STOP_LIMIT)
        engine.dispose()


@pytest.mark.skipif(PROGRAM is None, reason="no PgBouncer on this machine")
def test_a_pooler_of_transactions_is_named(shop_url: str, client: redis.Redis) -> None:
    with pgbouncer(shop_url, mode="transaction") as url:
        engine = create_engine(url)
        relay = Relay(engine, client, options=OPTIONS)
        relay.start()
        try:
            wait_until(lambda: relay.sign.problem, description="the relay has a problem")
            assert "let LEEWARD_OUTBOX_DATABASE_URL lead to PostgreSQL itself" in (relay.sign.problem or "")
        finally:
            assert relay.stop(STOP_LIMIT)
            engine.dispose()


def test_the_database_user_needs_the_table_alone(shop_url: str, client: redis.Redis) -> None:
    name = urlsplit(shop_url).path.strip("/")
    statements = (
        f"CREATE ROLE relay_{name} LOGIN PASSWORD 'relay'",
        f"GRANT SELECT, UPDATE, DELETE ON leeward_outbox TO relay_{name}",
    )
    for statement in statements:
        execute(shop_url, statement)
    address = urlsplit(shop_url)
    engine = create_engine(urlunsplit(address._replace(netloc=f"relay_{name}:relay@{address.hostname}:{address.port}")))
    relay = Relay(engine, client, options=OPTIONS)
    relay.start()
    try:
        add(shop_url)
        wait_until(lambda: relay.moved.sent["jellyfin"] == 1, description="the row is sent")
        assert relay.sign.problem is None
    finally:
        assert relay.stop(STOP_LIMIT)
        engine.dispose()
        execute(shop_url, f"DROP OWNED BY relay_{name}")
        execute(shop_url, f"DROP ROLE relay_{name}")
