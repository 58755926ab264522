"""A provider that fails is left alone, and what waits for it costs nothing."""

from datetime import timedelta

import redis

from actors.declare import declare
from broker.broker import LeewardBroker
from broker.guards.config import GuardConfig, Mode
from broker.guards.store import Guards
from leeward import Leeward, Request, SyncUser
from leeward.extension.errors import Transient
from middleware.guard_declaration import GuardDeclaration
from tests.fundamentals.conftest import StartWorker
from tests.support.waiting import wait_until

SOON = GuardConfig(streak=3, probes=1, successes=1, open_for=timedelta(milliseconds=300), ramp=timedelta(0))


def test_an_outage_opens_the_circuit_spends_nothing_and_drains_by_itself(
    broker: LeewardBroker, start_worker: StartWorker, valkey: redis.Redis, fleet: Leeward
) -> None:
    up: list[bool] = []
    seen: list[str] = []

    def call(job: SyncUser) -> None:
        seen.append(job.user)
        if not up:
            raise Transient("connection refused", provider="jellyfin", operation="create_user", unreachable=True)

    declare(broker, SyncUser, call, queues=["sync.jellyfin"], min_backoff=10, max_backoff=20)
    broker.add_middleware(GuardDeclaration({"jellyfin": SOON}))
    guards = Guards(valkey, "jellyfin")
    start_worker()
    fleet.enqueue_many([Request(SyncUser(user=f"user{n}")) for n in range(20)])

    wait_until(lambda: guards.state().state != "closed", description="the circuit opens")
    up.append(True)
    broker.join("sync.jellyfin", timeout=20_000)

    assert {f"user{n}" for n in range(20)} <= set(seen)
    assert valkey.xlen("leeward:{jellyfin}:dead") == 0, "nobody died of the outage"
    assert "closed" in {event.event for event in guards.transitions()}


def test_a_provider_under_maintenance_hands_out_nothing_until_it_is_over(
    broker: LeewardBroker, start_worker: StartWorker, valkey: redis.Redis, fleet: Leeward
) -> None:
    done: list[str] = []
    declare(broker, SyncUser, lambda job: done.append(job.user), queues=["sync.jellyfin"])
    broker.add_middleware(GuardDeclaration({"jellyfin": GuardConfig()}))
    guards = Guards(valkey, "jellyfin")
    start_worker()
    guards.mode(Mode.FORCED_OPEN, by="test", cause="maintenance")

    job = fleet.enqueue(SyncUser(user="alice"))
    assert fleet.status(job.job_id).deliveries == 0

    guards.mode(Mode.AUTO, by="test", cause="it is over")
    fleet.result(job.job_id)

    assert done == ["alice"]
