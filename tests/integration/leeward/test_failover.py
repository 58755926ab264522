"""A failover behind one address, while nobody cuts the old connections."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis

from broker.fleet.outbox import Outbox, OutboxListener, OutboxUnavailable
from broker.session.wakeups import Wakeups
from leeward import Leeward, SyncUser
from leeward.wire.keys import QUEUES, wake_channel
from leeward.wire.valkey.connection import connect
from leeward.wire.valkey.reconnect import persistently
from middleware.order import rings
from tests.support.fleets.workers_under_test import actor_of, broker_at, run_until_empty
from tests.support.infrastructure.failover import Pair, pair_of_valkeys
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with pair_of_valkeys() as pair:
        yield pair


@pytest.fixture
def pair(servers: Pair) -> Pair:
    servers.primary.flushall()
    return servers


@pytest.fixture
def client(pair: Pair) -> Iterator[redis.Redis]:
    with connect(pair.url) as client:
        yield client


def forget(client: redis.Redis) -> None:
    Outbox(client, "jellyfin").forget(["1-1"])


def pipelined(client: redis.Redis) -> None:
    with client.pipeline(transaction=False) as pipeline:
        pipeline.smembers(QUEUES)
        pipeline.sadd(QUEUES, "sync.jellyfin")
        pipeline.smembers(QUEUES)
        pipeline.execute()


def transaction(client: redis.Redis) -> None:
    with client.pipeline(transaction=True) as pipeline:
        pipeline.sadd(QUEUES, "sync.jellyfin")
        pipeline.execute()


WRITES: dict[str, Callable[[redis.Redis], object]] = {
    "a command": lambda client: client.sadd(QUEUES, "sync.jellyfin"),
    "an outbox": forget,
    "a pipeline": pipelined,
    "a transaction": transaction,
    "a script": lambda client: client.eval("return redis.call('SET', KEYS[1], '1')", 1, "leeward:x"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_the_second_write_after_a_failover_reaches_the_new_primary(
    pair: Pair, client: redis.Redis, write: Callable[[redis.Redis], object]
) -> None:
    write(client)
    pair.swap()

    with pytest.raises((redis.RedisError, OutboxUnavailable), match=r"read only|discarded"):
        write(client)

    write(client)


def test_every_connection_of_the_pool_leaves_when_one_was_refused(pair: Pair, client: redis.Redis) -> None:
    others = [client.connection_pool.get_connection() for _ in range(5)]
    for other in others:
        client.connection_pool.release(other)
    pair.swap()

    persistently(lambda _: client.sadd(QUEUES, "sync.jellyfin"))

    held = [client.connection_pool.get_connection() for _ in range(6)]
    for number, connection in enumerate(held):
        connection.send_command("SADD", QUEUES, f"q{number}")
        assert connection.read_response() == 1
        client.connection_pool.release(connection)


def test_enqueueing_goes_on_without_an_error(pair: Pair) -> None:
    with Leeward(pair.url) as fleet:
        fleet.enqueue(SyncUser(user="before"))
        for turn in range(3):
            pair.swap()
            fleet.enqueue(SyncUser(user=f"after-{turn}"))

    assert pair.primary.llen("leeward:{jellyfin}:ready:sync.jellyfin:normal") == 4


def test_a_worker_runs_what_comes_after_a_failover(pair: Pair) -> None:
    ran: list[str] = []
    with broker_at(pair.url, middleware=rings()) as broker, Leeward(pair.url) as fleet:
        actor_of(broker, "sync.jellyfin")(lambda job: ran.append(job.user), actor_name="sync.user", job=SyncUser)
        fleet.enqueue(SyncUser(user="before"))
        run_until_empty(broker, "sync.jellyfin")
        pair.swap()
        fleet.enqueue(SyncUser(user="after"))
        run_until_empty(broker, "sync.jellyfin")

    assert ran == ["before", "after"]


def test_a_reader_notices_a_replica_that_grows_old(
    pair: Pair, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never refused anything: it has to ask for the role."""
    monkeypatch.setattr("leeward.wire.valkey.primary.CONFIRM_SECONDS", 0.0)
    assert client.smembers(QUEUES) == set()
    pair.swap(replicates=False)
    pair.primary.sadd(QUEUES, "sync.jellyfin")

    assert client.smembers(QUEUES) == {b"sync.jellyfin"}
    pair.follow()


@pytest.mark.parametrize("refused", [True, False], ids=["with one that was refused", "when none was"])
def test_a_subscription_moves_to_the_new_primary(pair: Pair, client: redis.Redis, refused: bool) -> None:
    listen = timedelta(hours=1) if refused else timedelta(milliseconds=300)
    wakeups = Wakeups(client, "host:1", lambda _: None, lambda: None, listen=listen)
    wakeups.start()
    assert wakeups.listening.wait(10)
    if refused:
        client.sadd(QUEUES, "sync.jellyfin")
    pair.swap()

    persistently(lambda _: client.sadd(QUEUES, "sync.jellyfin"))

    wait_until(
        lambda: pair.primary.pubsub_numsub(wake_channel("host:1"))[0][1] == 1,
        description="a subscription at the new primary",
    )
    wakeups.ask_to_stop()
    wakeups.join(10)


def test_the_bell_moves_with_the_pool(pair: Pair, client: redis.Redis) -> None:
    with OutboxListener(client) as bell:
        client.sadd(QUEUES, "sync.jellyfin")
        pair.swap()
        persistently(lambda _: client.sadd(QUEUES, "sync.jellyfin"))
        stopping = threading.Event()

        def ring() -> None:
            while not stopping.wait(0.05):
                pair.primary.publish("leeward:dead", "jellyfin")

        thread = threading.Thread(target=ring)
        thread.start()
        try:
            wait_until(
                lambda: _rung(bell) and pair.replica.pubsub_numsub("leeward:dead")[0][1] == 0,
                description="a ring at the new primary",
            )
        finally:
            stopping.set()
            thread.join()


def _rung(bell: OutboxListener) -> frozenset[str]:
    return bell.wait(timedelta(milliseconds=200))
