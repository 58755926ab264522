"""A worker and a provider that is switched off: nothing is run or looked at, and all of it is done when it is on again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis

from actors.probe import declare_probes
from broker.broker import LeewardBroker
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward.extension import Health
from middleware.guard_declaration import GuardDeclaration
from middleware.order import rings
from tests.support.fleets.workers_under_test import AT_ONCE, actor_of, broker_at, dead_letters, outcome, working
from tests.support.waiting import wait_until


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        broker.add_middleware(GuardDeclaration({"lab": GuardConfig(enabled=False)}))
        yield broker


def test_waiting_jobs_are_done_when_the_provider_is_switched_on(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    done: list[int] = []
    act = actor_of(broker)(done.append, actor_name="act", **AT_ONCE)
    waiting = [act.send(number) for number in range(3)]
    guards = Guards(valkey, "lab")

    with working(broker):
        wait_until(lambda: guards.waiting("lab")[1] == 1, description="the worker to be turned away")
        assert done == []
        guards.set("ann", enabled=True)
        wait_until(lambda: len(done) == 3, description="the jobs that waited to be done")

    ended = [outcome(valkey, "lab", message.message_id) or {} for message in waiting]
    assert [one.get("state") for one in ended] == ["done"] * 3
    assert dead_letters(valkey, "lab") == []


def test_nobody_looks_at_the_health_of_a_provider_that_is_off(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    looks: list[str] = []

    def look() -> Health:
        looks.append("lab")
        return Health.healthy("well", latency=timedelta(0))

    on = {"lab": False}
    (probe,) = declare_probes(
        broker, {"lab": look}, lambda *_: False, schedule="0 0 1 1 *", is_enabled=lambda name: on[name]
    )

    with working(broker):
        first = probe.send()
        wait_until(lambda: outcome(valkey, "probes", first.message_id), description="the probe to end")
        assert looks == []
        on["lab"] = True
        second = probe.send()
        wait_until(lambda: outcome(valkey, "probes", second.message_id), description="the next probe to end")

    assert looks == ["lab"]
