"""An adaptive limit: the fleet finds out how many calls at once a provider bears, in the steps that admit and settle."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import redis

from tests.integration.broker.guards.guard_lab import BETA, GuardLab
from tests.integration.broker.guards.limits.test_bulkhead import told, wakes
from tests.integration.broker.guards.traffic import Traffic
from tests.integration.broker.lab import LEASE_MS
from tests.support.answers import entries, raw

Guarded = Callable[..., GuardLab]
HOUR_MS = 3_600_000


@pytest.fixture
def lab(guarded: Guarded) -> GuardLab:
    return guarded(limit=100, adaptive=True)


def measured(lab: GuardLab, *names: str) -> list[float]:
    return [float(raw(found)) for found in lab.client.hmget(lab.keys.adaptive, *names)]


def test_it_begins_at_the_floor(guarded: Guarded) -> None:
    lab = guarded(limit=100, adaptive=True, floor=3)
    lab.fill(10)

    admission = lab.admit(10)

    assert (len(admission.ids), admission.why) == (3, "full")


def test_it_finds_what_the_provider_bears(lab: GuardLab) -> None:
    traffic = Traffic(lab, capacity=8, service_ms=200)
    traffic.run(30)
    before = traffic.ended

    found = traffic.run(60)

    assert max(found) <= 17
    assert traffic.ended - before >= 0.95 * 60 * 8 / 0.2


def test_it_follows_a_provider_that_bears_less_and_then_more_again(lab: GuardLab) -> None:
    traffic = Traffic(lab, capacity=16)
    traffic.run(30)

    traffic.capacity = 4
    assert traffic.run(15)[-1] <= 9
    traffic.capacity = 16
    assert traffic.run(15)[-1] >= 16


def test_switched_on_at_run_time_it_is_not_misled_by_the_overload_that_it_finds(guarded: Guarded) -> None:
    lab = guarded(limit=100)
    traffic = Traffic(lab, capacity=5)
    traffic.run(20)
    assert lab.state().in_use == 100

    lab.steer("set", "adaptive", 1)
    traffic.run(30)

    assert 5 <= lab.limit() <= 11


def test_a_provider_with_constant_latency_gets_the_ceiling(guarded: Guarded) -> None:
    lab = guarded(limit=30, adaptive=True)

    assert Traffic(lab, capacity=1_000).run(20)[-1] == 30


def test_a_limit_that_nobody_uses_stays_where_it_is(lab: GuardLab) -> None:
    traffic = Traffic(lab, capacity=8)
    traffic.run(20)
    traffic.finish()

    def one_by_one() -> int:
        for _ in range(50):
            job = lab.one()
            lab.now += 200
            lab.succeed(job)
        return lab.limit()

    before = one_by_one()
    assert one_by_one() == before
    lab.now += 8 * HOUR_MS
    assert one_by_one() == before


def test_permits_of_killed_workers_are_no_slow_calls(lab: GuardLab) -> None:
    traffic = Traffic(lab, capacity=20)
    traffic.run(30)
    before = lab.limit()
    beside = Traffic(lab, capacity=1_000, worker=BETA)

    assert traffic.die() >= 20
    beside.run(LEASE_MS / 1000 + 5)

    assert lab.limit() >= before


def test_calls_that_hang_take_their_permits_and_no_others(lab: GuardLab) -> None:
    """Those that are still running when the sample ends say nothing yet; nothing begins in their place."""
    traffic = Traffic(lab, capacity=8)
    traffic.run(30)
    before = lab.limit()

    traffic.service_ms = 60_000
    traffic.run(20)

    assert lab.state().in_use <= before


def test_failing_calls_bring_it_down_to_the_floor(guarded: Guarded) -> None:
    lab = guarded(limit=100, adaptive=True, floor=2)
    lab.mode("forced_closed")
    traffic = Traffic(lab, capacity=1_000)
    traffic.run(10)
    assert lab.limit() == 100

    traffic.failing = True
    traffic.run(20)

    assert lab.limit() == 2


def test_after_a_circuit_has_closed_the_lower_of_ramp_and_measure_counts(guarded: Guarded) -> None:
    lab = guarded(limit=100, adaptive=True, ramp=timedelta(seconds=10), probes=2, successes=2, streak=5)
    traffic = Traffic(lab, capacity=8)
    traffic.run(30)
    found = lab.limit()
    traffic.failing = True
    traffic.run(2)
    assert lab.events()[-1] == "opened"
    baseline = measured(lab, "baseline")

    traffic.failing = False
    lab.now = lab.until()
    traffic.run(1)
    assert lab.state().state == "closed"
    assert 2 <= lab.limit() <= found // 2
    lab.now += 10_000

    assert lab.limit() <= found
    assert measured(lab, "baseline") == pytest.approx(baseline, rel=0.1)


def test_probes_are_not_measured(lab: GuardLab) -> None:
    lab.opened()
    lab.flush_ready()
    before = measured(lab, "ok", "failed", "took_ms")
    lab.fill(5)
    lab.now = lab.until()
    (probe, *_) = lab.admit(5).jobs
    lab.now += 5_000

    lab.succeed(probe)

    assert measured(lab, "ok", "failed", "took_ms") == before


@pytest.mark.parametrize("mode", ["observe", "forced_closed"])
def test_it_holds_and_moves_in_every_mode_that_admits(lab: GuardLab, mode: str) -> None:
    lab.mode(mode)

    assert 8 <= Traffic(lab, capacity=8).run(30)[-1] <= 17


@pytest.mark.parametrize("step_ms", [-HOUR_MS, -700, 700, HOUR_MS])
def test_a_step_of_the_servers_clock_costs_a_sample(lab: GuardLab, step_ms: int) -> None:
    """Those that run at a step forward seem to have taken that long, which halves the limit once."""
    traffic = Traffic(lab, capacity=8)
    traffic.run(30)
    before = lab.limit()
    lab.now += step_ms
    lab.renew()

    traffic.run(3)
    assert lab.limit() >= before // 2
    traffic.run(20)

    assert 8 <= lab.limit() <= 17


def test_a_clock_set_back_behind_the_closing_of_the_circuit_does_not_stop_it(guarded: Guarded) -> None:
    lab = guarded(limit=100, adaptive=True, ramp=timedelta(0), successes=1)
    lab.opened()
    lab.flush_ready()
    lab.now = lab.until()
    lab.succeed(lab.one())
    assert lab.state().state == "closed"

    lab.now -= HOUR_MS
    lab.renew()

    assert 8 <= Traffic(lab, capacity=8).run(30)[-1] <= 17


def test_only_calls_that_began_in_a_sample_count(lab: GuardLab) -> None:
    lab.steer("set", "floor", 40)
    lab.fill(100)
    jobs = lab.admit(40).jobs
    began = lab.now
    lab.now += 1_000
    lab.succeed(*jobs[:20])
    lab.now += 1_000
    lab.succeed(jobs[20])
    assert measured(lab, "began", "ok") == [began, 21], "twice the latency has not passed"
    lab.now += 500
    lab.succeed(jobs[21])
    assert measured(lab, "began", "ok") == [lab.now, 0]
    (late,) = lab.admit(1).jobs

    lab.succeed(*jobs[22:])
    assert measured(lab, "ok") == [0]
    lab.succeed(late)

    assert measured(lab, "ok") == [1]


def test_what_says_nothing_about_the_provider_is_not_measured(lab: GuardLab) -> None:
    lab.settle(lab.one(), "release")
    lab.flush_ready()
    lab.settle(lab.one(), "later", delay_ms=HOUR_MS)
    lab.settle(lab.one(), "done")

    assert measured(lab, "ok", "failed") == [0, 0]
    assert not lab.client.exists(lab.keys.admitted), "only running jobs are in it"


def test_a_fall_to_half_and_the_return_to_the_ceiling_are_events_and_nothing_else(guarded: Guarded) -> None:
    lab = guarded(limit=40, adaptive=True)
    traffic = Traffic(lab, capacity=40)
    traffic.run(20)
    assert lab.limit() == 40

    traffic.capacity = 5
    traffic.run(20)
    traffic.capacity = 40
    traffic.run(30)

    assert lab.events() == ["limit_halved", "limit_restored"]
    cause = entries(lab.client, lab.keys.events)[0][1][b"cause"].decode()
    assert cause.startswith("20 at once of at most 40: calls took ")


def test_a_limit_that_grows_tells_as_many_as_may_begin(lab: GuardLab, valkey: "redis.Redis") -> None:
    lab.steer("set", "floor", 25)
    lab.fill(200)
    first = lab.admit(25).jobs
    lab.now += 100
    lab.succeed(*first)
    second, workers = lab.admit(25).jobs, [f"host-{number}:1" for number in range(60)]
    for worker in workers:
        assert lab.admit(1, worker=worker).why == "full"
    lab.now += 900
    with told(valkey, *workers) as listener:
        lab.succeed(*second)

        assert lab.limit() == 50
        assert len(wakes(listener)) == 50


def test_admit_and_settle_touch_two_keys_more_whatever_the_number_of_jobs(
    guarded: Guarded, valkey: "redis.Redis"
) -> None:
    def commands(jobs: int, *, adaptive: bool) -> int:
        lab = guarded(limit=1_000, floor=1_000, adaptive=adaptive)
        lab.fill(jobs)
        valkey.config_resetstat()
        lab.succeed(*lab.admit(jobs).jobs)
        stats = valkey.info("commandstats")
        valkey.flushdb()
        return sum(one["calls"] for name, one in stats.items() if not name.startswith("cmdstat_config"))

    more = [commands(jobs, adaptive=True) - commands(jobs, adaptive=False) for jobs in (10, 400)]

    assert more[0] == more[1] <= 12
