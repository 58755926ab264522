"""Suspects and crash loops are counted, from the first one on."""

import subprocess
import sys
from pathlib import Path

import pytest
import redis
from prometheus_client import CollectorRegistry

from broker.crashes.ended_processes import server_name
from broker.crashes.report_ended import reporter
from broker.crashes.run_record import Remains
from broker.events import CrashLoopFound
from broker.fleet.suspects import suspicion_of
from broker.options import SessionOptions
from leeward.wire.keys import QUEUES
from middleware.metrics.middleware import Metrics
from middleware.order import rings
from tests.integration.broker.lab import Lab
from tests.support.answers import text
from tests.support.fleets.workers_under_test import actor_of, broker_at, working
from tests.support.processes import ROOT
from tests.support.waiting import wait_until
from workers.monitoring.fleet.fleet_gauges import FleetGauges
from workers.monitoring.fleet.guard_gauges import EVENTS


@pytest.fixture
def registry(valkey: "redis.Redis") -> CollectorRegistry:
    valkey.sadd(QUEUES, "lab")
    registry = CollectorRegistry()
    registry.register(FleetGauges(valkey, None))
    return registry


def test_the_counters_are_there_before_their_first_event(registry: CollectorRegistry) -> None:
    values = {
        "leeward_suspects_total": registry.get_sample_value("leeward_suspects_total", {"provider": "lab"}),
        "leeward_crash_loops_total": registry.get_sample_value("leeward_crash_loops_total", {"provider": "lab"}),
        "leeward_suspect_jobs": registry.get_sample_value("leeward_suspect_jobs", {"provider": "lab", "queue": "lab"}),
    }
    for event in EVENTS:
        labels = {"provider": "lab", "event": event}
        values[event] = registry.get_sample_value("leeward_guard_events_total", labels)

    assert set(values.values()) == {0}


def test_suspects_that_wait_are_counted_and_explained(registry: CollectorRegistry, lab: Lab) -> None:
    lab.enqueue("a", "b", "c")
    lab.ask(3)
    lab.expire_leases()
    lab.ask(0)

    assert registry.get_sample_value("leeward_suspect_jobs", {"provider": "lab", "queue": "lab"}) == 3
    assert registry.get_sample_value("leeward_suspects_total", {"provider": "lab"}) == 3
    found = suspicion_of(lab.client, "a", "lab", "lab")
    assert found is not None
    assert (found.expiries, found.alone, found.company) == (1, 0, 2)
    assert found.waits_since is not None
    assert suspicion_of(lab.client, "unknown", "lab", "lab") is None


def test_a_crash_loop_is_counted_by_provider_and_by_actor(
    registry: CollectorRegistry, lab: Lab, valkey_url: str, valkey: "redis.Redis"
) -> None:
    lab.enqueue("killer")
    middleware = [Metrics(registry) if isinstance(ring, Metrics) else ring for ring in rings()]
    with broker_at(valkey_url, middleware=middleware) as broker:
        actor_of(broker)(lambda: None, actor_name="act")
        found: list[CrashLoopFound] = []
        broker.events.subscribe(CrashLoopFound, found.append)
        with working(broker):
            report = reporter(valkey, SessionOptions(), broker.events)
            seconds, _ = valkey.time()
            lab.now = seconds * 1000
            valkey.sadd(lab.keys.paused, "lab")
            for _ in range(3):
                valkey.zadd(lab.keys.leases, {"killer": lab.now + 60_000})
                valkey.hset(lab.keys.deliveries, "killer", "1@host:1")
                if valkey.hexists(lab.keys.suspects, "killer"):
                    alone = text(valkey.hget(lab.keys.suspects, "killer")).split(":")[1]
                    valkey.hset(lab.keys.suspects, "killer", f"1:{alone}:1:1")
                report(Remains("host:1", ("lab",), frozenset({"killer"}), complete=True))
            wait_until(lambda: found, description="a crash loop that was found")

    assert found == [CrashLoopFound("lab", "act")]
    assert registry.get_sample_value("leeward_crash_loops_total", {"provider": "lab"}) == 1
    labels = {"provider": "lab", "queue": "lab", "actor": "act", "reason": "crash_loop"}
    assert registry.get_sample_value("leeward_dead_letters_total", labels) == 1


def test_a_crash_loop_that_a_new_process_finds_before_it_works_is_counted(
    registry: CollectorRegistry, lab: Lab, valkey_url: str, tmp_path: Path
) -> None:
    lab.enqueue("killer")
    lab.ask(1, worker="host:1")
    lab.client.hset(lab.keys.suspects, "killer", "1:2:1:1")
    subprocess.run([sys.executable, "-c", ENDS, str(tmp_path), server_name(lab.client)], cwd=ROOT, check=False)
    middleware = [Metrics(registry) if isinstance(ring, Metrics) else ring for ring in rings()]
    with broker_at(valkey_url, middleware=middleware, session=SessionOptions(records=tmp_path)) as broker:
        actor_of(broker)(lambda: None, actor_name="act")
        with working(broker):
            wait_until(
                lambda: registry.get_sample_value("leeward_crash_loops_total", {"provider": "lab"}),
                description="a crash loop that was found",
            )

    labels = {"provider": "lab", "queue": "lab", "actor": "act", "reason": "crash_loop"}
    assert registry.get_sample_value("leeward_dead_letters_total", labels) == 1


ENDS = """
import os, signal, sys
from pathlib import Path
from broker.crashes.run_record import open_record
record = open_record(Path(sys.argv[1]), sys.argv[2], "host:1", 2)
record.serve(["lab"])
record.start("killer")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def lab(valkey: "redis.Redis") -> Lab:
    return Lab(valkey)
