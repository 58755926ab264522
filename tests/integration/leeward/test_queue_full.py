"""A producer is refused, or waits, where as many jobs wait as may; what the fleet has accepted never is."""

import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import dramatiq
import pytest
import redis

from broker.broker import LeewardBroker
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward import Enqueued, IdempotencyConflict, Leeward, QueueFull, Request, SyncUser
from leeward.wire.entry import entry_of, submit
from leeward.wire.keys import ProviderKeys
from leeward.wire.running import running_job
from tests.integration.broker.lab import Lab

KEYS = ProviderKeys("jellyfin")


def user(name: object) -> SyncUser:
    return SyncUser(user=f"user-{name}")


def limited(valkey: "redis.Redis", provider: str = "jellyfin", **numbers: Any) -> None:
    Guards(valkey, provider).declare(GuardConfig(**numbers))


def test_a_full_provider_refuses_with_who_and_how_many(fleet: Leeward, valkey: "redis.Redis") -> None:
    limited(valkey, max_waiting=3)
    for n in range(3):
        fleet.enqueue(user(n))

    with pytest.raises(QueueFull, match="jellyfin has 3 jobs waiting and max_waiting allows 3") as refused:
        fleet.enqueue(user("late"))

    full = refused.value
    assert (full.provider, full.partition, full.waiting, full.limit, full.room) == ("jellyfin", None, 3, 3, 0)
    assert valkey.hlen(KEYS.jobs) == 3


def test_jobs_with_a_delay_take_room(fleet: Leeward, valkey: "redis.Redis") -> None:
    limited(valkey, max_waiting=1)
    fleet.enqueue(user(1), delay=timedelta(hours=1))

    with pytest.raises(QueueFull):
        fleet.enqueue(user(2), delay=timedelta(hours=1))


def test_of_many_those_that_have_room_are_enqueued_and_the_others_are_told(
    fleet: Leeward, valkey: "redis.Redis"
) -> None:
    limited(valkey, max_waiting=3)

    answers = fleet.enqueue_many([user(n) for n in range(5)])

    assert [type(answer) for answer in answers] == [Enqueued] * 3 + [QueueFull] * 2
    assert valkey.hlen(KEYS.jobs) == 3


def test_a_full_partition_refuses_its_own_jobs_only(fleet: Leeward, valkey: "redis.Redis") -> None:
    limited(valkey, partition_max_waiting=2)
    big = fleet.enqueue_many([Request(user(n), partition="big") for n in range(4)])
    fleet.enqueue(user("small"), partition="small")
    fleet.enqueue(user("own"))

    assert [isinstance(answer, QueueFull) for answer in big] == [False, False, True, True]
    with pytest.raises(
        QueueFull, match="partition 'big' of jellyfin has 2 jobs waiting and partition_max_waiting allows 2"
    ):
        fleet.enqueue(user("more"), partition="big")


def test_a_known_key_is_answered_by_a_full_provider(fleet: Leeward, valkey: "redis.Redis") -> None:
    limited(valkey, max_waiting=1)
    first = fleet.enqueue(user(1), idempotency_key="k")

    assert fleet.enqueue(user(1), idempotency_key="k").job_id == first.job_id
    with pytest.raises(IdempotencyConflict):
        fleet.enqueue(user(2), idempotency_key="k")
    with pytest.raises(QueueFull):
        fleet.enqueue(user(1), idempotency_key="other")
    assert not valkey.exists(KEYS.key("other")), "a key that was refused is free"


def test_a_cancelled_job_makes_room(fleet: Leeward, valkey: "redis.Redis") -> None:
    limited(valkey, max_waiting=1, partition_max_waiting=1)
    waiting = fleet.enqueue(user(1), partition="a")

    fleet.cancel(waiting.job_id)

    fleet.enqueue(user(2), partition="a")


def test_a_running_job_takes_no_room(valkey: "redis.Redis") -> None:
    lab = Lab(valkey)
    limited(valkey, "lab", max_waiting=1)
    assert lab.enqueue("a") == []
    lab.admit(1)
    assert lab.enqueue("b") == []

    ((_, verdict, partition, waiting),) = lab.enqueue("c")

    assert (verdict, partition, waiting) == ("full", "", "1")


def test_a_producer_may_wait_for_room(fleet: Leeward, valkey: "redis.Redis") -> None:
    limited(valkey, max_waiting=1)
    first = fleet.enqueue(user(1))
    in_the_way = threading.Timer(0.2, lambda: fleet.cancel(first.job_id))
    in_the_way.start()

    second = fleet.enqueue(user(2), wait=timedelta(seconds=30))

    in_the_way.join()
    assert valkey.hkeys(KEYS.jobs) == [second.job_id.encode()]


def test_a_producer_waits_no_longer_than_it_said(fleet: Leeward, valkey: "redis.Redis") -> None:
    limited(valkey, max_waiting=1)

    answers = fleet.enqueue_many([user(1), user(2)], wait=timedelta(milliseconds=100))

    assert [type(answer) for answer in answers] == [Enqueued, QueueFull]


def _children(fleet: Leeward, _: "redis.Redis") -> None:
    token = running_job.set(SimpleNamespace(options={}))
    try:
        fleet.enqueue(user("child"))
    finally:
        running_job.reset(token)


def _replays(_: Leeward, valkey: "redis.Redis") -> None:
    message: dramatiq.Message[Any] = dramatiq.Message("sync.jellyfin", "sync.user", (), {}, {"replay_of": "x"})
    assert submit(valkey, "jellyfin", [entry_of(message)], exempt=True) == {}


@pytest.mark.parametrize("accepted", [_children, _replays])
def test_what_continues_accepted_work_is_never_refused(
    fleet: Leeward, valkey: "redis.Redis", accepted: Callable[[Leeward, "redis.Redis"], None]
) -> None:
    limited(valkey, max_waiting=1)
    fleet.enqueue(user(1))

    accepted(fleet, valkey)

    assert valkey.hlen(KEYS.jobs) == 2


@pytest.mark.parametrize("options", [{"scheduled_at": "2026-01-01 00:00"}, {"replay_of": "x"}])
def test_ticks_and_replays_pass_through_the_broker(
    valkey_url: str, valkey: "redis.Redis", options: dict[str, Any]
) -> None:
    limited(valkey, "lab", max_waiting=1)
    broker = LeewardBroker(valkey_url, middleware=[])
    broker.declare_queue("lab")
    broker.enqueue(dramatiq.Message("lab", "act", (), {}, {}))
    with pytest.raises(QueueFull):
        broker.enqueue(dramatiq.Message("lab", "act", (), {}, {}))

    broker.enqueue(dramatiq.Message("lab", "act", (), {}, options))

    assert valkey.hlen(ProviderKeys("lab").jobs) == 2
    broker.close()


def test_retries_released_jobs_and_expired_leases_are_never_refused(valkey: "redis.Redis") -> None:
    lab = Lab(valkey)
    limited(valkey, "lab", max_waiting=3)
    lab.enqueue("a", "b", "c")
    retried, released, _ = lab.admit(3).jobs
    lab.enqueue("d", "e", "f")

    assert lab.settle(retried, "later", delay_ms=1_000) == []
    assert lab.settle(released, "release") == []
    lab.expire_leases()

    assert set(lab.admit(10).ids) >= {"b", "d", "e", "f"}
