"""How full Valkey is, told by the check and by the metrics."""

from collections.abc import Iterator

import pytest
import redis

from leeward_admin.checks import Verdict, run_checks
from workers.monitoring.fleet.fleet_gauges import FleetGauges
from workers.settings.settings import Settings


@pytest.fixture
def bounded(valkey: "redis.Redis") -> Iterator["redis.Redis"]:
    yield valkey
    valkey.config_set("maxmemory", 0)


@pytest.mark.parametrize(("times", "verdict"), [(2.0, Verdict.OK), (1.1, Verdict.WARNING)])
def test_the_check_says_how_full_valkey_is(
    bounded: "redis.Redis", valkey_url: str, times: float, verdict: Verdict
) -> None:
    bounded.config_set("maxmemory", round(bounded.info("memory")["used_memory"] * times))

    (found,) = (check for check in run_checks(Settings(valkey_url=valkey_url)) if check.name == "valkey memory")

    assert found.verdict is verdict
    assert "% of maxmemory are used" in found.detail
    assert ("max_waiting" in found.detail) == (verdict is Verdict.WARNING)


def test_the_metrics_say_how_much_it_uses_and_may_use(bounded: "redis.Redis") -> None:
    bounded.config_set("maxmemory", 2**30)

    found = {metric.name: metric.samples[0].value for metric in FleetGauges(bounded, None).collect() if metric.samples}

    assert found["leeward_valkey_memory_bytes"] > 0
    assert found["leeward_valkey_memory_limit_bytes"] == 2**30
