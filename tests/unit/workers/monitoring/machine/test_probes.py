"""What a host finds of its machine, writes, reports and shows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fakeredis
import pytest
import redis
import structlog
from prometheus_client.metrics_core import Metric

from broker.fleet.health.machines import CURRENT, KEPT, ComponentFinding, ComponentState, machines, record
from broker.periodic.schedule import schedule_of
from leeward.wire.process_keys import MACHINES
from leeward_admin.status.health import PartHealth, read_health
from workers.monitoring.machine.checks import Check, check_disk, check_memory, check_valkey
from workers.monitoring.machine.probes import MachineProbes
from workers.monitoring.machine.rules import DISK, MEMORY, of_answer, of_silence, of_use

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
GIB = 1024**3


def finding(state: ComponentState = ComponentState.HEALTHY, component: str = "memory") -> ComponentFinding:
    return ComponentFinding(component=component, state=state, detail="as it is", took_ms=2.0, used=0.5)


@pytest.fixture
def client() -> redis.Redis:
    return fakeredis.FakeRedis()


def probes(client: redis.Redis, *checks: Check, now: Callable[[], datetime] = lambda: NOON) -> MachineProbes:
    return MachineProbes(client, checks, schedule_of("30s"), machine="worker-1", now=now)


@pytest.mark.parametrize(
    ("used", "state"),
    [(0, "healthy"), (89, "healthy"), (90, "degraded"), (96, "degraded"), (97, "unhealthy"), (100, "unhealthy")],
)
def test_memory_is_degraded_before_it_is_unhealthy(used: int, state: str) -> None:
    found = of_use("memory", used * GIB, 100 * GIB, MEMORY, "memory")

    assert (found.state.value, found.used) == (state, used / 100)
    assert found.detail == f"{used}% of 100.0 GiB memory in use"


def test_a_disk_without_any_room_is_unhealthy() -> None:
    assert of_use("disk", 0, 0, DISK, "at /").state is ComponentState.UNHEALTHY


def test_a_server_that_answers_late_is_degraded_and_one_that_does_not_is_unhealthy() -> None:
    assert of_answer("valkey", timedelta(milliseconds=3)).state is ComponentState.HEALTHY
    assert of_answer("valkey", timedelta(seconds=2)).state is ComponentState.DEGRADED
    assert of_silence("valkey", "refused", timedelta(seconds=1)).state is ComponentState.UNHEALTHY


def test_the_checks_of_this_machine_find_something(tmp_path: Path, client: redis.Redis) -> None:
    assert check_memory().component == "memory"
    assert check_disk(lambda: [tmp_path, tmp_path])().used is not None
    assert check_disk(lambda: [tmp_path / "gone"])().state is ComponentState.UNKNOWN
    assert check_valkey(client)().state is ComponentState.HEALTHY


def test_a_valkey_that_does_not_answer_is_a_finding() -> None:
    away = redis.Redis(port=1, socket_connect_timeout=1)

    assert check_valkey(away)().state is ComponentState.UNHEALTHY


def test_findings_are_written_under_the_machines_name(client: redis.Redis) -> None:
    probes(client, finding).look()

    (machine,) = machines(client, now=NOON)
    assert (machine.machine, machine.at, machine.findings) == ("worker-1", NOON, (finding(),))


def test_a_change_is_logged_once(client: redis.Redis) -> None:
    states = [ComponentState.HEALTHY, ComponentState.DEGRADED, ComponentState.DEGRADED, ComponentState.HEALTHY]
    one = probes(client, lambda: finding(states.pop(0)))

    with structlog.testing.capture_logs() as lines:
        for _ in range(4):
            one.look()

    assert [(line["log_level"], line["state"]) for line in lines] == [("warning", "degraded"), ("info", "healthy")]


def test_a_check_that_breaks_keeps_no_other(client: redis.Redis) -> None:
    def breaks() -> ComponentFinding:
        raise ZeroDivisionError

    with structlog.testing.capture_logs() as lines:
        probes(client, breaks, finding).look()

    assert [line["event"] for line in lines] == ["component_check_failed"]
    assert [one.findings for one in machines(client, now=NOON)] == [(finding(),)]


def test_findings_that_cannot_be_written_are_still_shown() -> None:
    one = probes(redis.Redis(port=1, socket_connect_timeout=1), finding)

    with structlog.testing.capture_logs() as lines:
        one.look()
        one.look()

    assert [line["event"] for line in lines] == ["machine_health_not_written"]
    assert _values(one.gauges()) == {
        ("leeward_component_healthy", "memory"): 1.0,
        ("leeward_component_check_seconds", "memory"): 0.002,
        ("leeward_component_used_ratio", "memory"): 0.5,
    }


@pytest.mark.parametrize("schedule", ["30s", "5m", "0 3 * * *"])
def test_a_machine_is_looked_at_again_before_its_finding_is_old(
    client: redis.Redis, schedule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests = list[float]()
    one = MachineProbes(client, [finding], schedule_of(schedule), machine="worker-1", now=lambda: NOON)

    def rest(seconds: float) -> bool:
        rests.append(seconds)
        return True

    monkeypatch.setattr(one, "rest", rest)

    one.serve()

    assert [timedelta(seconds=seconds) < CURRENT for seconds in rests] == [True]


def _values(families: Any) -> dict[tuple[str, str], float]:
    found: list[Metric] = list(families)
    return {(sample.name, sample.labels["component"]): sample.value for family in found for sample in family.samples}


def test_a_machine_that_reports_nothing_is_shown_for_a_day_and_forgotten_when_another_comes(
    client: redis.Redis,
) -> None:
    for machine in ("gone", "there"):
        record(client, machine, [finding()], now=NOON - KEPT - timedelta(seconds=1))
    record(client, "there", [finding()], now=NOON)

    assert [one.machine for one in machines(client, now=NOON)] == ["there"]
    assert client.hexists(MACHINES, "gone")

    record(client, "new", [finding()], now=NOON)

    assert not client.hexists(MACHINES, "gone")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"at": "x", "findings": []}', '{"at": 1e400, "findings": []}'])
def test_what_another_release_wrote_is_passed_over(client: redis.Redis, text: str) -> None:
    client.hset(MACHINES, "odd", text)

    assert machines(client, now=NOON) == []


def test_a_finding_that_is_old_says_nothing_about_now(client: redis.Redis) -> None:
    record(client, "worker-1", [finding()], now=NOON)

    (fresh,) = read_health(client, now=NOON + timedelta(minutes=5))
    (old,) = read_health(client, now=NOON + timedelta(minutes=6))

    expected = PartHealth(
        part="memory",
        machine="worker-1",
        state=ComponentState.HEALTHY,
        detail="as it is",
        latency=timedelta(milliseconds=2),
        at=NOON,
    )
    assert fresh == expected
    assert old.state is ComponentState.UNKNOWN
