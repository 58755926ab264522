"""adaptive_rule.lua: what a sample makes of the limit, run by itself. No server, no clock."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa import lua51

from broker.session.prefetch import HORIZON
from leeward.wire.script_source import whole

CONFIG = {"limit": 100, "floor": 1, "tolerance": 2.0}
NEW = {"limit": 0, "baseline": 0, "usual": 0, "rising": 1, "held": 0, "resume": 0, "mark": 0, "fallen": 0, "told": 0}
SHORTEST_MS = HORIZON / timedelta(milliseconds=1)
SERVICE_MS = 50.0

_lua = lua51.LuaRuntime(unpack_returned_tuples=True)
_rule = _lua.execute(
    whole("broker.guards.limits", "adaptive_rule.lua")
    + "\nreturn { adapted = adapted, is_enough = is_enough, news = news, shortest_ms = SHORTEST_MS }"
)
State = dict[str, Any]


def sample(*, ok: int = 50, failed: int = 0, ms: float = SERVICE_MS, peak: int = 1_000) -> State:
    return {"ok": ok, "failed": failed, "took_ms": ok * ms, "peak": peak}


def adapted(state: State, seen: State, **changes: float) -> State:
    new = _rule.adapted(_lua.table_from(state), _lua.table_from(seen), _lua.table_from(CONFIG | changes))
    return dict(new.items())


def at(limit: float, *, baseline: float = SERVICE_MS, **more: float) -> State:
    """Settled at a limit, with a baseline."""
    return NEW | {"limit": limit, "baseline": baseline, "rising": 0} | more


def queueing(capacity: float, service_ms: float = SERVICE_MS) -> Callable[[int], float]:
    """A provider that works on so many calls at once: what is beyond waits (Little's law)."""
    return lambda at_once: service_ms * max(1.0, at_once / capacity)


def run(state: State, latency: Callable[[int], float], samples: int, **changes: float) -> list[State]:
    """A fleet that uses every permit, sample by sample."""
    states = []
    for _ in range(samples):
        at_once = int(max(state["limit"], changes.get("floor", 1)))
        state = adapted(state, sample(ms=latency(at_once), peak=at_once), **changes)
        states.append(state)
    return states


def limits(states: list[State]) -> list[int]:
    """Those in force, but for looks."""
    return [int(state["limit"]) for state in states if not state["resume"]]


@pytest.mark.parametrize("capacity", [1, 2, 4, 10, 40])
def test_from_the_floor_it_finds_what_a_provider_bears_and_stays_there(capacity: int) -> None:
    found = limits(run(NEW, queueing(capacity), 500))

    assert min(found[20:]) >= capacity
    assert max(found[20:]) <= 2 * capacity + 1


def test_it_begins_at_the_floor_and_doubles() -> None:
    assert limits(run(NEW, queueing(1_000), 8)) == [2, 4, 8, 16, 32, 64, 100, 100]


def test_a_provider_whose_latency_does_not_depend_on_us_gets_the_ceiling_and_keeps_it() -> None:
    assert set(limits(run(NEW, lambda _: 400.0, 200))[10:]) == {100}


def test_a_quarter_of_the_capacity_is_noticed_within_three_samples_and_its_return_within_seven() -> None:
    before = run(NEW, queueing(20), 60)
    less = run(before[-1], queueing(5), 60)
    more = run(less[-1], queueing(20), 60)

    assert max(limits(less[3:])) <= 11
    assert min(limits(less)) >= 5
    assert min(limits(more[7:])) >= 20


def test_under_overload_for_ever_the_baseline_does_not_drift_away() -> None:
    """The ceiling is ten times too high, every permit is wanted, and it goes on for ten thousand samples."""
    states = run(NEW, queueing(10), 10_000)

    assert max(limits(states)) <= 21
    assert max(state["baseline"] for state in states) <= 1.5 * SERVICE_MS
    assert states[-1]["baseline"] == pytest.approx(SERVICE_MS, rel=0.1)


def test_a_baseline_learnt_in_overload_comes_down_by_looking() -> None:
    states = run(at(60, baseline=5 * SERVICE_MS), queueing(10), 1_000)

    assert max(limits(states[-100:])) <= 21


def test_a_provider_that_is_slower_for_good_gets_its_permits_back() -> None:
    states = run(at(100), lambda _: 10 * SERVICE_MS, 40)

    assert min(limits(states)) == 1
    assert limits(states)[-1] == 100


def test_a_provider_that_is_a_little_slower_for_good_gets_its_permits_back_after_a_look() -> None:
    states = run(at(10), lambda _: 1.7 * SERVICE_MS, 60)

    assert states[-1]["baseline"] == pytest.approx(1.7 * SERVICE_MS)
    assert limits(states)[-1] == 100


@pytest.mark.parametrize("seed", range(5))
def test_latencies_that_scatter_widely_cost_little(seed: int) -> None:
    """Calls take an exponentially distributed time, so that the mean of twenty is off by a fifth."""
    chance = random.Random(seed)

    def latency(at_once: int) -> float:
        return sum(chance.expovariate(1 / queueing(10)(at_once)) for _ in range(20)) / 20

    found = limits(run(NEW, latency, 2_000)[20:])

    assert sum(min(10, limit) for limit in found) >= 0.9 * 10 * len(found)
    assert sum(found) <= 2 * 10 * len(found)


def test_a_limit_that_is_not_used_does_not_grow() -> None:
    assert adapted(at(10), sample(peak=9))["limit"] == 10
    assert adapted(at(10), sample(peak=10))["limit"] > 10


def test_a_limit_that_is_not_used_shrinks_from_what_was() -> None:
    assert adapted(at(100), sample(ms=8 * SERVICE_MS, peak=30))["limit"] == 15


@pytest.mark.parametrize(("times", "limit"), [(1.5, 40), (1.9, 40), (2.5, 24), (3, 20), (50, 20)])
def test_it_shrinks_to_the_middle_of_the_band_and_never_by_more_than_half(times: float, limit: float) -> None:
    assert adapted(at(40), sample(ms=times * SERVICE_MS))["limit"] == pytest.approx(limit)


def test_failing_calls_halve_it_whatever_their_latency() -> None:
    after = adapted(at(40), sample(ok=30, failed=20, ms=1))

    assert after["limit"] == 20
    assert after["cause"] == "20 of 50 calls failed"


def test_a_few_failing_calls_do_not() -> None:
    assert adapted(at(40), sample(ok=45, failed=5))["limit"] > 40


def test_failures_that_do_not_come_from_the_number_of_calls_cost_a_moment_at_the_floor() -> None:
    """A third of the calls fails anyway."""
    state, found = at(40), []
    for _ in range(60):
        state = adapted(state, sample(ok=40, failed=20))
        found.append(int(state["limit"]))

    assert min(found) == 1
    assert found[-1] == 100


def test_when_all_calls_fail_it_stays_at_the_floor() -> None:
    state = at(40)
    for _ in range(50):
        state = adapted(state, sample(ok=0, failed=30))

    assert int(state["limit"]) == 1


def test_what_may_be_a_wait_in_a_worker_is_no_latency_of_the_provider() -> None:
    assert _rule.shortest_ms == SHORTEST_MS
    assert adapted(at(10, baseline=1), sample(ms=1 + SHORTEST_MS))["limit"] > 10


@given(
    st.builds(
        at,
        st.floats(0, 1_000),
        baseline=st.floats(0, 1e6),
        usual=st.floats(0, 0.5),
        rising=st.integers(0, 1),
        held=st.integers(0, 30),
        resume=st.sampled_from([0, 0.5, 7, 500]),
    ),
    st.builds(
        sample, ok=st.integers(1, 500), failed=st.integers(0, 500), ms=st.floats(0, 1e7), peak=st.integers(0, 500)
    ),
    st.integers(1, 300),
    st.integers(1, 300),
    st.floats(1.1, 50),
)
def test_it_is_never_below_the_floor_nor_above_the_ceiling_and_moves_in_steps(
    state: State, seen: State, one: int, other: int, tolerance: float
) -> None:
    floor, ceiling = sorted((one, other))

    after = adapted(state, seen, limit=ceiling, floor=floor, tolerance=tolerance)

    before = min(ceiling, max(floor, state["limit"]))
    assert floor <= after["limit"] <= ceiling
    assert after["limit"] <= max(2 * before, state["resume"], floor)
    assert after["cause"]


@pytest.mark.parametrize(
    ("seen", "elapsed_ms", "enough"),
    [
        (sample(ok=20, ms=5), 999, False),
        (sample(ok=20, ms=5), 1_000, True),
        (sample(ok=15, failed=4, ms=5), 60_000, False),
        (sample(ok=15, failed=5, ms=5), 1_000, True),
        (sample(ok=20, ms=4_000), 7_999, False),
        (sample(ok=20, ms=4_000), 8_000, True),
        (sample(ok=0, failed=20), 1_000, True),
    ],
)
def test_a_sample_takes_enough_calls_and_twice_their_latency(seen: State, elapsed_ms: int, enough: bool) -> None:
    assert _rule.is_enough(_lua.table_from(seen), elapsed_ms) == enough


def events(found: list[int], *, every_ms: int = 1_000, ceiling: int = 64) -> list[tuple[int, str]]:
    """Which of these limits in a row is an event."""
    state, told = dict(NEW), []
    for number, limit in enumerate(found):
        now = 1_750_000_000_000 + number * every_ms
        event, state["mark"], state["fallen"], state["told"] = _rule.news(
            _lua.table_from(state), limit, now, _lua.table_from(CONFIG | {"limit": ceiling})
        )
        if event:
            told.append((limit, event))
    return told


def test_a_fall_to_half_is_an_event_and_so_is_the_return_to_the_ceiling() -> None:
    assert events([1, 8, 64, 40, 33, 32, 20, 48, 63, 64, 64]) == [(32, "limit_halved"), (64, "limit_restored")]


def test_reaching_the_ceiling_for_the_first_time_is_none() -> None:
    assert events([1, 2, 4, 64]) == []


def test_a_limit_that_goes_up_and_down_is_told_once_a_minute_at_most() -> None:
    assert len(events([20, 5] * 300)) <= 10


def test_a_fall_within_a_minute_of_the_last_is_told_when_it_lasts() -> None:
    assert [limit for limit, _ in events([32, 16, 16, 8, *[8] * 60])] == [16, 8]
