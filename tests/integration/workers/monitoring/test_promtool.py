"""Prometheus' own tool finds nothing to complain of in the pages of a host and in the alert rules."""

import re
import shutil
import subprocess
from pathlib import Path

import dramatiq
import pytest
import redis
from prometheus_client import CollectorRegistry, generate_latest

from broker.broker import LeewardBroker
from console.cli.main import COMMANDS
from leeward import Leeward, SyncUser
from middleware.metrics.middleware import Metrics
from tests.support.processes import ROOT
from workers.monitoring.fleet.fleet_gauges import FleetGauges
from workers.monitoring.fleet.letter_gauges import LetterGauges
from workers.monitoring.host_gauges import HostGauges

RULES = ROOT / "deploy" / "prometheus"
pytestmark = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus"
)


def promtool(*arguments: str | Path, page: bytes | None = None) -> str:
    """What it says; the test fails when it finds something."""
    ended = subprocess.run(["promtool", *map(str, arguments)], input=page, capture_output=True, timeout=60, check=False)
    said = (ended.stdout + ended.stderr).decode()
    assert ended.returncode == 0, said
    return said


def test_the_page_of_the_fleet_has_nothing_to_complain_of(valkey: redis.Redis, valkey_url: str) -> None:
    with Leeward(valkey_url) as client:
        client.enqueue(SyncUser(user="alice"))
    registry = CollectorRegistry()
    registry.register(FleetGauges(valkey, LetterGauges(lambda: {("jellyfin", "exhausted"): 3})))

    page = generate_latest(registry)

    assert b'leeward_open_dead_letters{provider="jellyfin",reason="exhausted"} 3.0' in page
    assert promtool("check", "metrics", page=page) == ""


def test_the_page_of_a_host_has_nothing_to_complain_of(valkey: redis.Redis) -> None:
    registry, broker = CollectorRegistry(), LeewardBroker(middleware=[])
    dramatiq.actor(broker=broker, queue_name="sync.lab", actor_name="act")(lambda: None)
    Metrics(registry).before_worker_boot(broker, dramatiq.Worker(broker))
    registry.register(HostGauges(valkey, None))

    page = generate_latest(registry)

    assert b"leeward_build_info{" in page
    # Processes of a host share files, which keep no time of creation.
    shared = re.sub(rb"(?m)^(# (HELP|TYPE) )?leeward_\w+_created[ {].*\n", b"", page)
    assert promtool("check", "metrics", page=shared) == ""


def test_the_alert_rules_are_right_and_fire_when_they_should() -> None:
    assert "rules found" in promtool("check", "rules", RULES / "leeward.rules.yml")
    assert "SUCCESS" in promtool("test", "rules", RULES / "leeward.rules.test.yml")


def test_the_alert_rules_name_commands_and_metrics_that_there_are() -> None:
    rules = (RULES / "leeward.rules.yml").read_text()
    documented = (ROOT / "docs" / "metrics.md").read_text()

    assert set(re.findall(r'action: "?leeward (\w+)', rules)) <= set(COMMANDS)
    for metric in set(re.findall(r"leeward_\w+", rules)):
        assert f"`{metric}" in documented, metric
