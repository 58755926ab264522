"""What `/metrics` says about the guards, from the real Valkey."""

from datetime import timedelta

import pytest
import redis
from prometheus_client import CollectorRegistry

from broker.guards.config import GuardConfig, Mode
from broker.guards.store import Guards
from leeward import IdempotencyConflict, Leeward, SyncUser
from workers.monitoring.fleet.fleet_gauges import FleetGauges


@pytest.fixture
def registry(valkey: redis.Redis) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(FleetGauges(valkey, None))
    return registry


@pytest.fixture
def fleet(valkey_url: str) -> Leeward:
    return Leeward(valkey_url)


def test_a_circuit_shows_its_state_mode_limit_and_transitions(
    valkey: redis.Redis, registry: CollectorRegistry, fleet: Leeward
) -> None:
    fleet.enqueue(SyncUser(user="alice"))
    guards = Guards(valkey, "jellyfin")
    guards.declare(GuardConfig(limit=7, open_for=timedelta(seconds=30)))
    guards.mode(Mode.FORCED_OPEN, by="test", cause="maintenance")

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"provider": "jellyfin", **labels})

    assert value("leeward_circuit_state", state="closed") == 1
    assert value("leeward_circuit_mode", mode="forced_open") == 1
    assert value("leeward_permit_limit") == 7
    assert value("leeward_provider_enabled") == 1
    guards.set("test", enabled=False)
    assert value("leeward_provider_enabled") == 0
    assert value("leeward_guard_events_total", event="forced_open") == 1


def test_the_limit_is_the_one_in_force(valkey: redis.Redis, registry: CollectorRegistry, fleet: Leeward) -> None:
    fleet.enqueue(SyncUser(user="alice"))
    Guards(valkey, "jellyfin").declare(GuardConfig(limit=50, adaptive=True, floor=3))

    assert registry.get_sample_value("leeward_permit_limit", {"provider": "jellyfin"}) == 3


def test_idempotency_keys_that_answered_or_were_refused_are_counted(
    registry: CollectorRegistry, fleet: Leeward
) -> None:
    fleet.enqueue(SyncUser(user="alice"), idempotency_key="k")
    fleet.enqueue(SyncUser(user="alice"), idempotency_key="k")
    with pytest.raises(IdempotencyConflict):
        fleet.enqueue(SyncUser(user="mallory"), idempotency_key="k")

    for event in ("duplicate", "conflict"):
        labels = {"provider": "jellyfin", "event": event}
        assert registry.get_sample_value("leeward_guard_events_total", labels) == 1
