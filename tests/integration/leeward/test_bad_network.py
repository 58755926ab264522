"""Connections that break between a producer and Valkey."""

import threading

import pytest
import redis

from broker.broker import LeewardBroker
from leeward import Leeward, SyncUser
from middleware.order import rings
from tests.support.answers import accepted, text
from tests.support.faults import FaultyProxy
from tests.support.fleets.workers_under_test import actor_of, broker_at, run_until_empty

ENQUEUE = b"EVAL"


def test_a_lost_reply_on_enqueue_runs_the_job_once(proxy: FaultyProxy, valkey_url: str) -> None:
    ran: list[str] = []
    with Leeward(proxy.url) as fleet, broker_at(valkey_url, middleware=rings()) as broker:
        fleet.enqueue(SyncUser(user="first"))
        proxy.lose_reply_to(ENQUEUE)

        job = fleet.enqueue(SyncUser(user="alice"))

        actor_of(broker, "sync.jellyfin")(lambda job: ran.append(job.user), actor_name="sync.user", job=SyncUser)
        run_until_empty(broker, "sync.jellyfin")
        assert proxy.swallowed == 1
        assert not job.duplicate
        assert sorted(ran) == ["alice", "first"]


def test_a_job_that_was_done_before_the_repetition_arrived_does_not_run_again(
    proxy: FaultyProxy, valkey_url: str, valkey: "redis.Redis"
) -> None:
    """The pause before the repetition is long enough here: a worker is running all the while."""
    ran: list[str] = []
    with broker_at(valkey_url, middleware=rings()) as broker:
        actor_of(broker, "sync.jellyfin")(lambda job: ran.append(job.user), actor_name="sync.user", job=SyncUser)
        with Leeward(proxy.url) as fleet:
            fleet.enqueue(SyncUser(user="first"))
            run_until_empty(broker, "sync.jellyfin")
            proxy.lose_reply_to(ENQUEUE)
            thread = threading.Thread(target=fleet.enqueue, args=(SyncUser(user="alice"),))
            thread.start()
            run_until_empty(broker, "sync.jellyfin")
            thread.join()
            run_until_empty(broker, "sync.jellyfin")

    assert ran == ["first", "alice"]


def test_a_keyed_job_whose_reply_was_lost_answers_as_new(proxy: FaultyProxy, valkey_url: str) -> None:
    with Leeward(proxy.url) as fleet:
        fleet.enqueue(SyncUser(user="first"))
        proxy.lose_reply_to(ENQUEUE)

        job = fleet.enqueue(SyncUser(user="alice"), idempotency_key="k")

        assert not job.duplicate
        assert fleet.enqueue(SyncUser(user="alice"), idempotency_key="k").job_id == job.job_id


def test_a_batch_whose_reply_was_lost_is_there_once(proxy: FaultyProxy, valkey_url: str, valkey: "redis.Redis") -> None:
    with Leeward(proxy.url) as fleet:
        fleet.enqueue(SyncUser(user="first"))
        proxy.lose_reply_to(ENQUEUE)

        answers = accepted(fleet.enqueue_many(SyncUser(user=f"user-{n}") for n in range(250)))

    ids = [text(job) for job in valkey.lrange("leeward:{jellyfin}:ready:sync.jellyfin:normal", 1, -1)]
    assert ids == [answer.job_id for answer in answers]


@pytest.mark.parametrize("first", ["SADD", "EVAL"])
def test_a_connection_that_is_cut_is_made_again(proxy: FaultyProxy, first: str) -> None:
    with Leeward(proxy.url) as fleet:
        if first == "EVAL":
            fleet.enqueue(SyncUser(user="warm"))
        proxy.lose_reply_to(first.encode())

        job = fleet.enqueue(SyncUser(user="alice"))

        assert fleet.status(job.job_id).state == "ready"


def test_a_lost_reply_on_cancel_is_a_cancellation(proxy: FaultyProxy) -> None:
    with Leeward(proxy.url) as fleet:
        job = fleet.enqueue(SyncUser(user="alice"))
        fleet.status(job.job_id)
        proxy.lose_reply_to(b"3600000")

        assert fleet.cancel(job.job_id)

        assert proxy.swallowed == 1


def test_a_lost_reply_on_a_brokers_enqueue_runs_the_job_once(proxy: FaultyProxy, valkey_url: str) -> None:
    ran: list[int] = []
    broker: LeewardBroker
    with broker_at(proxy.url, middleware=rings()) as broker:
        actor = actor_of(broker)(ran.append, actor_name="act")
        actor.send(1)
        proxy.lose_reply_to(ENQUEUE)

        actor.send(2)

        run_until_empty(broker, "lab")
        assert proxy.swallowed == 1
    assert sorted(ran) == [1, 2]
