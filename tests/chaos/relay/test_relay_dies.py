"""A relay that is killed anywhere between a commit and the end of its row leaves one job: none is lost, none is there twice."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import psycopg
import pytest
import redis

from leeward import Request, SyncUser, outbox
from leeward.record.reader import text_of
from leeward.wire.keys import ProviderKeys
from leeward.wire.valkey.connection import connect
from storage.database.engine import create_engine
from tests.chaos.relay.dying_relay import POINTS
from tests.support.fleets.fleet import LEEWARD
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until
from workers.relay.relay import Relay

KEYS = ProviderKeys("jellyfin")
ROWS = 600
Start = Callable[..., RunningProcess]

pytestmark = pytest.mark.chaos


@pytest.fixture
def shop(empty_database_url: str) -> str:
    with psycopg.connect(empty_database_url) as connection:
        outbox.create_table(connection)
    return empty_database_url


@pytest.fixture
def start(start_process: Start, shop: str, valkey_url: str) -> Callable[..., RunningProcess]:
    """A relay process; with a point, one that dies there."""
    addresses = {
        "LEEWARD_VALKEY_URL": valkey_url,
        "LEEWARD_OUTBOX_DATABASE_URL": shop,
        "LEEWARD_OUTBOX_HTTP_PORT": "0",
    }

    def run(point: str | None = None) -> RunningProcess:
        dying = [sys.executable, "-m", "tests.chaos.relay.dying_relay", point]
        return start_process(dying if point else [LEEWARD, "outbox", "relay"], env=addresses)

    return run


@pytest.fixture
def next_relay(shop: str, valkey_url: str) -> Iterator[Callable[[], None]]:
    """Another relay, in this process."""
    with ExitStack() as stack:

        def run() -> None:
            engine, client = create_engine(shop), connect(valkey_url)
            stack.callback(engine.dispose)
            stack.callback(client.close)
            relay = Relay(engine, client)
            relay.start()
            stack.callback(relay.stop, timedelta(seconds=20))

        yield run


def commit(shop: str) -> list[str]:
    with psycopg.connect(shop) as connection:
        requests = [Request(SyncUser(user=f"user-{n}"), partition="tenant") for n in range(ROWS)]
        return [added.job_id for added in outbox.add_many(connection, requests)]


def rows(shop: str) -> int:
    with psycopg.connect(shop) as connection:
        found = connection.execute("SELECT count(*) FROM leeward_outbox").fetchone()
    assert found is not None
    return int(found[0])


def lane(valkey: redis.Redis) -> list[str]:
    return list(map(text_of, valkey.lrange(f"{KEYS.root}ready:sync.jellyfin:normal:tenant", 0, -1)))


@pytest.mark.parametrize("point", POINTS)
def test_a_relay_that_is_killed_leaves_one_job_for_each_row(
    point: str, start: Start, next_relay: Callable[[], None], shop: str, valkey: redis.Redis
) -> None:
    committed = commit(shop)
    assert start(point).wait() == -9
    assert rows(shop) == (ROWS - 250 if point == "committed" else ROWS)

    next_relay()

    wait_until(lambda: rows(shop) == 0, description="the next relay has moved every row", timeout=60)
    assert lane(valkey) == committed


def test_jobs_that_ended_and_were_forgotten_meanwhile_are_not_run_again(
    start: Start, next_relay: Callable[[], None], shop: str, valkey: redis.Redis
) -> None:
    committed = commit(shop)
    assert start("enqueued").wait() == -9
    sent = lane(valkey)
    assert sent == committed[:250]
    # As if they had run, and their outcomes had expired: Valkey knows nothing of them but the note.
    note = valkey.dump(KEYS.relayed)
    assert note is not None
    valkey.flushall()
    valkey.restore(KEYS.relayed, 0, note)

    next_relay()

    wait_until(lambda: rows(shop) == 0, description="the next relay has moved every row", timeout=60)
    assert lane(valkey) == committed[250:]


def test_a_second_relay_takes_over_at_once_from_one_that_is_killed(
    start: Start, shop: str, valkey: redis.Redis
) -> None:
    first, second = start(), start()
    for relay in (first, second):
        relay.wait_for_output("outbox_relay_started")
    before = commit(shop)
    first.kill()
    after = commit(shop)

    wait_until(lambda: rows(shop) == 0, description="the second relay has moved every row", timeout=60)
    assert lane(valkey) == before + after
    assert second.terminate() == 0
