"""Periodic actors: a tick happens once, however many schedulers send it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from dramatiq import Message

from broker.broker import LeewardBroker
from middleware.order import rings
from simulators.faults import Rule
from tests.support.fleets.fleet import Fleet
from tests.support.fleets.fleet_host import Host
from tests.support.processes import RunningProcess
from tests.support.servers import connect_valkey
from tests.support.waiting import wait_until

TICK = datetime(2026, 11, 23, 5, 53, 0, tzinfo=UTC)


def send_tick(url: str, at: datetime, actor: str = "probe.jellyfin") -> None:
    """As periodiq sends it."""
    broker = LeewardBroker(url, middleware=rings())
    broker.declare_queue("probes")
    message: Message[Any] = Message("probes", actor, (), {}, {"scheduled_at": str(at)})
    broker.enqueue(message)
    broker.close()


def test_ticks_of_one_actor_and_minute_are_one_job(valkey: redis.Redis, valkey_url: str) -> None:
    send_tick(valkey_url, TICK)
    send_tick(valkey_url, TICK)
    send_tick(valkey_url, TICK + timedelta(seconds=41))  # a scheduler that was started in this minute

    assert valkey.llen("leeward:{probes}:ready:probes:normal") == 1


def test_another_minute_and_another_actor_are_ticks_of_their_own(valkey: redis.Redis, valkey_url: str) -> None:
    send_tick(valkey_url, TICK)
    send_tick(valkey_url, TICK + timedelta(minutes=1))
    send_tick(valkey_url, TICK, actor="probe.smtp")

    assert valkey.llen("leeward:{probes}:ready:probes:normal") == 3


@pytest.mark.chaos
@pytest.mark.timeout(180)
def test_two_schedulers_send_each_tick_once_and_survive_a_valkey_that_is_away(fleet: Fleet, host: Host) -> None:
    fleet.jellyfin.faults.set(Rule(operation="GET /health"))  # does nothing but count
    schedulers = [fleet.start_scheduler(probe_schedule="1s", log_level="debug") for _ in range(2)]
    for scheduler in schedulers:
        scheduler.wait_for_output('"scheduler_started"', timeout=40)
    wait_until(lambda: len(_ticks(schedulers)) >= 3, description="some ticks", timeout=60)

    with connect_valkey(fleet.valkey_url) as client:
        client.client_kill_filter(_type="normal")
    before = len(_ticks(schedulers))
    wait_until(lambda: len(_ticks(schedulers)) > before + 1, description="ticks after the cut", timeout=60)
    assert [scheduler.returncode for scheduler in schedulers] == [None, None]
    assert [scheduler.terminate() for scheduler in schedulers] == [0, 0]

    ticks = _ticks(schedulers)
    assert len({tick["tick"] for tick in ticks}) == len(ticks)
    added = sum(tick["how"] == "added" for tick in ticks)
    wait_until(lambda: _probes(fleet) == added, description="every tick to have run once")
    wait_until(
        lambda: host.metric("leeward_deliveries_total", actor="probe.jellyfin") == added,
        description="the last probe to be counted, which happens after the provider's answer",
    )


def _ticks(schedulers: list[RunningProcess]) -> list[dict[str, Any]]:
    """The ticks of the probe that the schedulers say they have sent."""
    lines = (line for scheduler in schedulers for line in scheduler.output.splitlines() if '"tick_sent"' in line)
    return [tick for line in lines if (tick := json.loads(line))["actor"] == "probe.jellyfin"]


def _probes(fleet: Fleet) -> int:
    """How often the simulator was really asked for its health."""
    (rule,) = fleet.jellyfin.faults.describe()
    hits = rule["hits"]
    assert isinstance(hits, int)
    return hits
