"""A producer is refused where a provider is switched off; what the fleet has accepted never is."""

from types import SimpleNamespace

import dramatiq
import pytest
import redis

from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward import Enqueued, Leeward, ProviderDisabled, Request, SyncUser
from leeward.wire.keys import ProviderKeys
from leeward.wire.running import running_job
from tests.support.fleets.workers_under_test import broker_at

KEYS = ProviderKeys("jellyfin")
ALICE = SyncUser(user="alice")


@pytest.fixture
def off(valkey: "redis.Redis") -> Guards:
    guards = Guards(valkey, "jellyfin")
    guards.declare(GuardConfig(enabled=False))
    return guards


def test_a_new_job_is_refused_with_an_error_of_its_own(off: Guards, fleet: Leeward, valkey: "redis.Redis") -> None:
    with pytest.raises(ProviderDisabled, match="jellyfin is switched off and takes no new jobs") as refused:
        fleet.enqueue(ALICE, idempotency_key="invite-1")

    assert refused.value.provider == "jellyfin"
    assert valkey.hlen(KEYS.jobs) == 0
    assert off.counts()["disabled"] == 1


def test_the_key_of_a_refused_job_is_free_when_the_provider_is_on_again(off: Guards, fleet: Leeward) -> None:
    with pytest.raises(ProviderDisabled):
        fleet.enqueue(ALICE, idempotency_key="invite-1")
    off.set("ann", enabled=True)

    assert fleet.enqueue(ALICE, idempotency_key="invite-1").duplicate is False


def test_a_job_that_is_there_answers_as_before(fleet: Leeward, valkey: "redis.Redis") -> None:
    first = fleet.enqueue(ALICE, idempotency_key="invite-1")
    Guards(valkey, "jellyfin").declare(GuardConfig(enabled=False))

    assert fleet.enqueue(ALICE, idempotency_key="invite-1") == Enqueued(
        first.job_id, "jellyfin", duplicate=True, state="live"
    )


def test_of_many_only_those_of_the_provider_are_refused(off: Guards, fleet: Leeward) -> None:
    answers = fleet.enqueue_many([ALICE, SyncUser(user="bob", provider="plex"), Request(ALICE, partition="a")])

    assert [type(answer) for answer in answers] == [ProviderDisabled, Enqueued, ProviderDisabled]


def test_a_running_job_may_enqueue_its_parts(off: Guards, fleet: Leeward, valkey: "redis.Redis") -> None:
    token = running_job.set(SimpleNamespace(options={}))
    try:
        fleet.enqueue(ALICE)
    finally:
        running_job.reset(token)

    assert valkey.hlen(KEYS.jobs) == 1


def test_a_limit_of_waiting_jobs_counts_again_when_it_is_on(fleet: Leeward, valkey: "redis.Redis") -> None:
    guards = Guards(valkey, "jellyfin")
    guards.declare(GuardConfig(enabled=False, max_waiting=1))
    guards.set("ann", enabled=True)

    fleet.enqueue(ALICE)

    assert [type(answer).__name__ for answer in fleet.enqueue_many([ALICE])] == ["QueueFull"]


def test_dramatiqs_own_send_is_refused_too(off: Guards, valkey_url: str) -> None:
    with broker_at(valkey_url) as broker:

        @dramatiq.actor(queue_name="sync.jellyfin", broker=broker)
        def touch() -> None: ...

        with pytest.raises(ProviderDisabled):
            touch.send()
