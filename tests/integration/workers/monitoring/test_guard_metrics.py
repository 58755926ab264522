"""Every number of the table in docs/guards.md, measured while a worker works: its own counters and the fleet's gauges in one registry."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from prometheus_client import CollectorRegistry

from broker.broker import LeewardBroker
from broker.delivery.current import current_delivery
from broker.guards.actor_config import ActorGuards
from broker.guards.config import SHORTEST_SLOW, GuardConfig
from broker.guards.store import Guards
from leeward.extension.errors import Busy, RateLimited, Transient
from leeward.wire.keys import ProviderKeys
from middleware.guard_declaration import GuardDeclaration
from middleware.metrics.instruments import instruments
from middleware.metrics.middleware import Metrics
from middleware.order import rings
from tests.integration.broker.lab import LEASE_MS, Lab
from tests.support.fleets.workers_under_test import actor_of, broker_at, working
from tests.support.waiting import wait_until
from workers.monitoring.fleet.fleet_gauges import FleetGauges

DOCS = Path(__file__).parents[4] / "docs" / "guards.md"
Value = Callable[..., float]


@pytest.fixture
def registry(valkey: "redis.Redis") -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(FleetGauges(valkey, None))
    return registry


@pytest.fixture
def value(registry: CollectorRegistry) -> Value:
    def read(name: str, **labels: str) -> float:
        return registry.get_sample_value(name, {"provider": "lab", **labels}) or 0

    return read


@pytest.fixture
def make_broker(valkey_url: str, registry: CollectorRegistry) -> Iterator[Callable[..., LeewardBroker]]:
    """`make_broker(GuardConfig(...), lab=ActorGuards(...))`: with every ring, counting into the registry."""
    opened = []

    def make(config: GuardConfig, **actors: ActorGuards) -> LeewardBroker:
        middleware = [Metrics(registry) if isinstance(ring, Metrics) else ring for ring in rings()]
        context = broker_at(valkey_url, middleware=[*middleware, GuardDeclaration({"lab": config}, actors)])
        opened.append(context)
        return context.__enter__()

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def test_an_outage_is_counted_from_its_first_failure_to_its_last_probe(
    make_broker: Callable[..., LeewardBroker], value: Value
) -> None:
    away = threading.Event()
    away.set()
    broker = make_broker(GuardConfig(streak=3, successes=1, open_for=timedelta(milliseconds=300), ramp=timedelta(0)))

    @actor_of(broker)(min_backoff=1, max_backoff=1)
    def call() -> None:
        if away.is_set():
            raise Transient("away", provider="lab", operation="call")

    for _ in range(8):
        call.send()

    def event(name: str) -> float:
        return value("leeward_guard_events_total", event=name)

    with working(broker, threads=1):
        wait_until(lambda: event("half_opened"), description="a half-open circuit", timeout=15)
        wait_until(lambda: event("opened") >= 2, description="a failed probe", timeout=15)
        assert event("probes") >= 1
        assert event("attempts_saved") >= 1
        assert value("leeward_turned_away_total", queue="lab", why="open") >= 1
        assert value("leeward_circuit_state", state="closed") == 0
        away.clear()
        wait_until(lambda: event("closed"), description="a closed circuit", timeout=15)
        broker.join("lab", timeout=15_000)

    assert value("leeward_circuit_state", state="closed") == 1
    assert value("leeward_circuit_mode", mode="auto") == 1
    assert value("leeward_throttled_seconds_total", queue="lab", why="open") > 0
    assert value("leeward_deliveries_total", queue="lab", actor="call", outcome="done") == 8
    assert value("leeward_deliveries_total", queue="lab", actor="call", outcome="retry") == event("failed_calls") >= 4


def test_a_slow_call_is_counted(make_broker: Callable[..., LeewardBroker], value: Value) -> None:
    broker = make_broker(GuardConfig(), lab=ActorGuards(slow=SHORTEST_SLOW))

    @actor_of(broker)
    def linger() -> None:
        delivery = current_delivery()
        assert delivery is not None
        assert delivery.started is not None
        is_slow_at = delivery.started + SHORTEST_SLOW.total_seconds()
        wait_until(lambda: time.monotonic() > is_slow_at, description="a call that counts as slow")

    linger.send()
    with working(broker):
        broker.join("lab", timeout=15_000)

    assert value("leeward_guard_events_total", event="slow_calls") == 1


def test_permits_waiters_and_the_time_that_guards_take_are_seen_while_they_are_taken(
    make_broker: Callable[..., LeewardBroker], value: Value, valkey: "redis.Redis"
) -> None:
    release = threading.Event()
    broker = make_broker(GuardConfig(limit=3), lab=ActorGuards(limit=2))
    act = actor_of(broker)(lambda: release.wait(20) and None, actor_name="act")
    for _ in range(4):
        act.send()
    try:
        with working(broker, threads=4):
            wait_until(lambda: value("leeward_actor_permits_in_use", queue="lab") == 2, description="two that run")
            wait_until(
                lambda: value("leeward_waiting_workers", queue="lab", **{"for": "guard"}) == 1,
                description="a worker that is kept waiting",
            )
            assert value("leeward_permits_in_use") == 2
            assert value("leeward_permit_limit") == 3
            assert value("leeward_actor_permit_limit", queue="lab") == 2
            wait_until(
                lambda: value("leeward_throttled_seconds_total", queue="lab", why="actor_full") > 0.3,
                description="time that the guard takes, counted while it does",
            )
            release.set()
            broker.join("lab", timeout=15_000)
            wait_until(
                lambda: value("leeward_waiting_workers", queue="lab", **{"for": "job"}) == 1,
                description="a worker that waits for a job",
            )
    finally:
        release.set()

    assert value("leeward_turned_away_total", queue="lab", why="actor_full") >= 1
    assert value("leeward_permits_in_use") == 0
    assert Guards(valkey, "lab").state().actors["lab"].in_use == 0


def test_jobs_that_wait_without_being_at_fault_are_counted_as_deferred_or_held(
    make_broker: Callable[..., LeewardBroker], value: Value
) -> None:
    broker = make_broker(GuardConfig())

    @actor_of(broker)
    def wait(error: str) -> None:
        raise {"busy": Busy, "429": RateLimited}[error]("not now", provider="lab", operation="call")

    wait.send("busy")
    with working(broker, threads=1):
        wait_until(
            lambda: value("leeward_deliveries_total", queue="lab", actor="wait", outcome="defer"),
            description="a deferral",
        )
        wait.send("429")
        wait_until(lambda: value("leeward_guard_events_total", event="held"), description="a held provider")

    assert value("leeward_deliveries_total", queue="lab", actor="wait", outcome="hold") >= 1


def test_leases_that_are_taken_back_are_counted(
    make_broker: Callable[..., LeewardBroker], value: Value, valkey: "redis.Redis"
) -> None:
    broker = make_broker(GuardConfig())
    actor_of(broker)(lambda: None, actor_name="act")
    lab = Lab(valkey)
    seconds, _ = valkey.time()
    lab.now = seconds * 1000 - 2 * LEASE_MS
    lab.enqueue("of-a-dead-worker")
    assert lab.admit(1, worker="gone:1").ids
    valkey.delete(ProviderKeys("lab").seen)  # or the server would seem to have been away

    with working(broker):
        wait_until(lambda: value("leeward_leases_reclaimed_total") == 1, description="a lease taken back")


def test_every_name_in_the_documentation_is_exported(registry: CollectorRegistry, valkey: "redis.Redis") -> None:
    valkey.sadd("leeward:queues", "lab")
    instruments(registry)
    exported = {family.name + ("_total" if family.type == "counter" else "") for family in registry.collect()}
    table = DOCS.read_text().partition("## Metrics")[2].partition("\n## ")[0]
    documented = set(re.findall(r"leeward_[a-z_]+", table))

    assert len(documented) >= 15
    assert documented <= exported
