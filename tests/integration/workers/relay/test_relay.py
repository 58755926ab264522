"""A row that is committed becomes one job, in the order of the commits."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import redis
from sqlalchemy import Engine, text

from leeward import Leeward, Request, SyncUser, outbox
from leeward.record.reader import text_of
from leeward.wire.keys import ProviderKeys
from tests.support.waiting import wait_until
from workers.relay.relay import Relay

KEYS = ProviderKeys("jellyfin")
Start = Callable[[], Relay]


def user(number: int) -> SyncUser:
    return SyncUser(user=f"user-{number}")


def rows(shop: Engine) -> int:
    with shop.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM leeward_outbox")).scalar_one())


def is_empty(shop: Engine) -> Callable[[], bool]:
    return lambda: rows(shop) == 0


def lane(client: redis.Redis, name: str = "ready:sync.jellyfin:normal") -> list[str]:
    return list(map(text_of, client.lrange(KEYS.root + name, 0, -1)))


def test_a_committed_job_is_enqueued_with_its_id_and_its_row_goes(
    shop: Engine, start_relay: Start, valkey_url: str
) -> None:
    start_relay()
    with shop.begin() as connection:
        added = outbox.add(connection, user(1))

    wait_until(is_empty(shop), description="the row is sent")
    with Leeward(valkey_url) as fleet:
        assert fleet.status(added.job_id).kind == "sync.user"


def test_after_a_rollback_there_is_no_job(shop: Engine, start_relay: Start, client: redis.Redis) -> None:
    start_relay()
    with shop.connect() as connection:
        outbox.add(connection, user(1))
        connection.rollback()
        after = outbox.add(connection, user(2))
        connection.commit()

    wait_until(is_empty(shop), description="the row of the second transaction is sent")
    assert lane(client) == [after.job_id]


def test_rows_that_were_committed_while_no_relay_ran_are_found(
    shop: Engine, start_relay: Start, client: redis.Redis
) -> None:
    with shop.begin() as connection:
        added = outbox.add_many(connection, [user(n) for n in range(700)])
    start_relay()

    wait_until(is_empty(shop), description="all rows are sent")
    assert lane(client) == [one.job_id for one in added]


def test_two_relays_keep_the_order_in_which_the_caller_committed(
    shop: Engine, start_relay: Start, client: redis.Redis
) -> None:
    start_relay()
    start_relay()
    committed: list[str] = []
    with shop.connect() as connection:
        for start in range(0, 5_000, 10):
            batch = [Request(user(n), partition="tenant") for n in range(start, start + 10)]
            committed += [one.job_id for one in outbox.add_many(connection, batch)]
            connection.commit()

    wait_until(is_empty(shop), description="all rows are sent", timeout=60)
    assert lane(client, "ready:sync.jellyfin:normal:tenant") == committed


def test_two_relays_share_the_partitions_and_double_none(shop: Engine, start_relay: Start, client: redis.Redis) -> None:
    relays = [start_relay(), start_relay()]
    committed: list[str] = []
    with shop.connect() as connection:
        for start in range(0, 4_000, 40):
            requests = [Request(user(n), partition=f"tenant-{n}") for n in range(start, start + 40)]
            committed += ids(outbox.add_many(connection, requests))
            connection.commit()

    wait_until(is_empty(shop), description="all rows are sent", timeout=60)
    assert sorted(map(text_of, client.hkeys(KEYS.jobs))) == sorted(committed)
    assert sum(relay.moved.sent["jellyfin"] for relay in relays) == len(committed)


def test_a_delay_counts_from_when_the_row_was_written(shop: Engine, start_relay: Start, valkey_url: str) -> None:
    with shop.begin() as connection:
        added = outbox.add(connection, user(1), delay=timedelta(hours=2))
        connection.execute(text("UPDATE leeward_outbox SET added_at = added_at - interval '1 hour'"))
    start_relay()

    wait_until(is_empty(shop), description="the row is sent")
    with Leeward(valkey_url) as fleet:
        due = fleet.status(added.job_id).due
    assert due is not None
    with shop.connect() as connection:
        left = due - connection.execute(text("SELECT now()")).scalar_one()
    assert timedelta(minutes=58) < left < timedelta(minutes=61)


def ids(added: Sequence[outbox.Added]) -> list[str]:
    return [one.job_id for one in added]
