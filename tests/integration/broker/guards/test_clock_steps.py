"""The server's clock goes back, by a little or by days: nothing waits longer than it would have waited."""

from collections.abc import Callable

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.guards.actor_config import ActorGuards
from tests.integration.broker.guards.guard_lab import ALPHA, BETA, GuardLab
from tests.integration.broker.lab import LEASE_MS, Lab
from tests.support.answers import text
from tests.support.examples import examples

HOUR = 3_600_000
STEPS = pytest.mark.parametrize("step", [1_500, 60_000, HOUR, 40 * 24 * HOUR])


@STEPS
def test_a_rate_goes_on_at_its_rate(guarded: Callable[..., GuardLab], step: int) -> None:
    lab = guarded(rate=2.0, burst=1)
    lab.enqueue(*"abcd")
    assert lab.admit().ids == ["a"]

    lab.now -= step

    assert lab.admit().look_at == lab.now + 500
    lab.now += 500
    assert lab.admit().ids == ["b"]


def test_an_actors_own_rate_goes_on_too(guarded: Callable[..., GuardLab]) -> None:
    lab = guarded()
    lab.declare(actors={"lab": ActorGuards(rate=2.0, burst=1)})
    lab.enqueue(*"ab")
    assert lab.admit().ids == ["a"]

    lab.now -= HOUR
    lab.admit()
    lab.now += 500

    assert lab.admit().ids == ["b"]


@STEPS
def test_a_dead_workers_job_comes_back_after_its_lease(lab: Lab, step: int) -> None:
    lab.enqueue("a")
    lab.admit()

    lab.now -= step
    assert lab.admit(worker="other:1").taken_back == 0
    for _ in range(3):
        lab.now += LEASE_MS // 3
        admission = lab.admit(worker="other:1")

    assert (admission.taken_back, admission.ids) == (1, ["a"])


@STEPS
def test_a_living_workers_job_stays_with_it(lab: Lab, step: int) -> None:
    lab.enqueue("a")
    (job,) = lab.admit().jobs

    lab.now -= step
    for _ in range(4):
        assert lab.renew(job) == []
        lab.now += LEASE_MS // 3
        assert lab.admit(worker="other:1").taken_back == 0

    assert lab.succeed(job) == []


@STEPS
def test_a_delay_is_as_long_as_it_was(lab: Lab, step: int) -> None:
    lab.enqueue("a", delay=6_000)
    lab.now += 1_000

    lab.now -= step
    assert lab.admit().ids == []
    lab.now += 4_900 if step > 1_500 else 5_900
    assert lab.admit().ids == []
    lab.now += 1_200

    assert lab.admit().ids == ["a"]


def test_who_notices_first_makes_no_difference(lab: Lab) -> None:
    """A producer with a delayed job, before any worker has looked."""
    lab.enqueue("before", delay=6_000)

    lab.now -= HOUR
    lab.enqueue("after", delay=6_000)
    lab.now += 5_000
    assert lab.admit().ids == []
    lab.now += 1_500

    assert sorted(lab.admit().ids) == ["after", "before"]


def test_a_retry_after_the_step_waits_its_own_delay(lab: Lab) -> None:
    lab.enqueue("a")
    (job,) = lab.admit().jobs

    lab.now -= HOUR
    lab.settle(job, "later", delay_ms=4_000)
    lab.now += 3_900
    assert lab.admit().ids == []
    lab.now += 200

    assert lab.admit().ids == ["a"]


def test_an_open_circuit_tries_again_when_it_would_have(guarded: Callable[..., GuardLab]) -> None:
    lab = guarded()
    lab.opened()
    lab.enqueue("a")
    lab.admit()
    wait = lab.until() - lab.now

    lab.now -= HOUR

    assert lab.admit().look_at == lab.now + wait
    lab.now += wait
    assert len(lab.admit(1).ids) == 1


def test_a_hold_and_a_worker_that_is_held_back_end_when_they_would_have(guarded: Callable[..., GuardLab]) -> None:
    lab = guarded()
    lab.enqueue("a", "b")
    lab.admit(0)
    lab.client.hset(lab.keys.circuit, mapping={"hold_until": lab.now + 10_000, "hold_cause": "429"})
    lab.client.zadd(lab.keys.sick, {BETA: lab.now + 20_000})

    lab.now -= HOUR

    assert lab.admit(worker=ALPHA).look_at == lab.now + 10_000
    lab.now += 10_000
    assert lab.admit(1, worker=BETA).why == "worker_held"
    assert lab.admit(1, worker=ALPHA).ids == ["a"]
    lab.now += 10_000
    assert lab.admit(1, worker=BETA).ids == ["b"]


def test_a_mode_for_a_while_ends_when_it_would_have(guarded: Callable[..., GuardLab]) -> None:
    lab = guarded()
    lab.enqueue("a")
    lab.admit(0)
    lab.mode("forced_open", lab.now + 60_000)

    lab.now -= HOUR
    assert lab.admit().look_at == lab.now + 60_000
    lab.now += 60_000

    assert lab.admit().ids == ["a"]


def test_a_mode_for_a_span_is_reckoned_by_the_server(guarded: Callable[..., GuardLab]) -> None:
    """The clock of who steers may be hours off."""
    lab = guarded()
    lab.enqueue("a")
    lab.mode("forced_open", "+60000")

    assert lab.admit().look_at == lab.now + 60_000
    lab.now += 60_000
    assert lab.admit().ids == ["a"]


def test_the_difference_between_two_hosts_is_no_step(lab: Lab) -> None:
    lab.enqueue("a", delay=6_000)
    lab.admit()

    lab.now -= 40
    lab.admit()

    assert lab.client.zscore(lab.keys.scheduled, "a") == lab.now + 6_040


def test_the_step_is_told(guarded: Callable[..., GuardLab]) -> None:
    lab = guarded()
    lab.admit()

    lab.now -= HOUR
    lab.admit()
    lab.admit()

    assert lab.events() == ["clock_went_back"]


def test_a_clock_that_goes_forward_costs_no_job_and_no_wait(guarded: Callable[..., GuardLab]) -> None:
    lab = guarded(rate=2.0, burst=1)
    lab.enqueue("running", "waiting")
    (running,) = lab.admit(1).jobs

    lab.now += HOUR

    assert lab.renew(running) == []
    assert lab.admit().ids == ["waiting"]
    assert lab.succeed(running) == []


def ahead(lab: Lab) -> dict[str, float]:
    """How far each scheduled job is in the future."""
    ids = [text(job_id) for job_id in lab.client.zrange(lab.keys.scheduled, 0, -1)]
    return {job_id: (lab.client.zscore(lab.keys.scheduled, job_id) or 0) - lab.now for job_id in ids}


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    delays=st.lists(st.integers(1_000, 10 * HOUR), min_size=1, max_size=8, unique=True),
    step=st.integers(1_001, 30 * 24 * HOUR),
    idle=st.integers(0, 900),
    first=st.sampled_from(["admit", "renew", "enqueue", "settle"]),
)
def test_every_wait_is_as_long_as_it_was_whoever_notices(
    valkey: "redis.Redis", delays: list[int], step: int, idle: int, first: str
) -> None:
    valkey.flushdb()
    lab = Lab(valkey)
    lab.enqueue("running")
    (running,) = lab.admit().jobs
    for delay in delays:
        lab.enqueue(f"in {delay}", delay=delay)
    lab.now += idle
    before = ahead(lab)
    leased = valkey.zscore(lab.keys.leases, "running") - lab.now  # type: ignore[operator]

    lab.now -= step
    match first:
        case "admit":
            lab.admit()
        case "renew":
            lab.renew()
        case "enqueue":
            lab.enqueue("new", delay=500)
        case "settle":
            lab.settle(running, "later", delay_ms=700)

    after = ahead(lab)
    # Since the latest script ran nobody knows how long it is: by as much the step is taken for less.
    moved = {name: (before[name] + idle if step - idle > 1_000 else before[name] + step) for name in before}
    assert {name: after[name] for name in before} == moved
    assert after.get("new", 500) == 500
    assert after.get("running", 700) == 700
    if first in {"admit", "enqueue"}:
        expiry = valkey.zscore(lab.keys.leases, "running") - lab.now  # type: ignore[operator]
        assert expiry == leased + (idle if step - idle > 1_000 else step)
