"""What `/health/ready`, the probes and the metrics say when something is away."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from dramatiq import Message

from broker.broker import LeewardBroker
from simulators.faults import Effect, Rule
from tests.support.fleets.fleet import Fleet, fleet_at
from tests.support.fleets.fleet_host import Host
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedValkey


@pytest.mark.chaos
@pytest.mark.timeout(180)
def test_a_host_is_not_ready_while_valkey_is_away_or_a_process_stands_still(
    tmp_path: Path, own_valkey: EmbeddedValkey, database_url: str
) -> None:
    with fleet_at(tmp_path, valkey_url=own_valkey.url, database_url=database_url) as fleet:
        host = fleet.start_host().wait_until_ready()
        stopped, running = host.workers()

        os.kill(stopped, signal.SIGSTOP)
        own_valkey.kill()

        _wait_for_problem(host, "1 of 2 worker processes have sent a recent heartbeat")
        _wait_for_problem(host, f"process {running} has had no answer from Valkey for")
        assert host.get("/health/live")[0] == 200
        assert host.metric("leeward_valkey_up") == 0
        assert host.metric("leeward_outbox_drain_ok") == 0

        own_valkey.start()
        os.kill(stopped, signal.SIGCONT)

        host.wait_until_ready()
        assert sorted(host.workers()) == sorted([stopped, running])
        wait_until(lambda: host.metric("leeward_outbox_drain_ok") == 1, description="the drain to go on", timeout=20)
        assert host.metric("leeward_valkey_up") == 1


def test_a_probe_writes_down_what_it_finds_and_logs_only_what_changed(fleet: Fleet, host: Host) -> None:
    _probe(fleet)
    _wait_for_health(host, 1)
    fleet.jellyfin.faults.set(Rule(operation="GET /health", effect=Effect.STATUS, status=503, body="Degraded"))
    _probe(fleet)
    _wait_for_health(host, 0)
    _probe(fleet)
    wait_until(lambda: _probed(host) == 3, description="the third probe to be done")

    changes = host.events("provider_health_changed", provider="jellyfin")

    assert [line["healthy"] for line in changes] == [True, False]
    assert "Degraded" in changes[1]["detail"]
    assert all(line["actor"] == "probe.jellyfin" for line in changes)


def _wait_for_problem(host: Host, beginning: str) -> None:
    wait_until(
        lambda: any(problem.startswith(beginning) for problem in host.problems()),
        description=f"the problem {beginning!r}",
        timeout=60,
        interval=0.2,
    )


def _probe(fleet: Fleet) -> None:
    """Sends what a scheduler sends at a tick, without its key."""
    broker = LeewardBroker(fleet.valkey_url, middleware=[])
    message: Message[Any] = Message("probes", "probe.jellyfin", (), {}, {})
    broker.declare_queue("probes")
    broker.enqueue(message)
    broker.close()


def _probed(host: Host) -> float:
    return host.metric("leeward_deliveries_total", actor="probe.jellyfin", outcome="done")


def _wait_for_health(host: Host, healthy: int) -> None:
    def is_so() -> bool:
        found = host.metric("leeward_provider_healthy", provider="jellyfin")
        return found == healthy and len(host.events("provider_health_changed", provider="jellyfin")) == 2 - healthy

    wait_until(is_so, description=f"the health of jellyfin to be {healthy}", timeout=20)
