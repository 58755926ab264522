"""When the next may go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.background.replays.velocity import CATCH_UP_SECONDS, Velocities, Velocity

RATES = st.floats(0.2, 5_000)
STEPS = st.lists(st.floats(0.001, 2.0), min_size=1, max_size=200)


def run(pace: Velocity, steps: list[float]) -> list[tuple[float, int]]:
    """Lets everything go that may, after each step; when and how many."""
    now, went = 0.0, [(0.0, pace.allowed(0.0))]
    pace.spend(went[0][1], 0.0)
    for step in steps:
        now += step
        allowed = pace.allowed(now)
        pace.spend(allowed, now)
        went.append((now, allowed))
    return went


@given(RATES, STEPS)
def test_in_no_span_more_go_than_the_velocity_and_what_a_short_pause_left(
    per_second: float, steps: list[float]
) -> None:
    went = run(Velocity(per_second, 0.0), steps)

    for first, (began, _) in enumerate(went):
        total = 0
        for when, items in went[first:]:
            total += items
            assert total <= per_second * (when - began + CATCH_UP_SECONDS) + 1 + 1e-6


@given(st.floats(10, 5_000), st.lists(st.floats(0.01, CATCH_UP_SECONDS * 0.9), min_size=50, max_size=300))
def test_who_looks_often_enough_keeps_the_velocity_within_three_percent(per_second: float, steps: list[float]) -> None:
    went = run(Velocity(per_second, 0.0), steps)
    seconds = went[-1][0]

    total = sum(items for _, items in went)

    slack = 1 + per_second * max(steps)  # what the last look has not let go yet, and the first one
    assert abs(total - per_second * seconds) <= 0.03 * per_second * seconds + slack


def test_after_a_long_pause_the_velocity_begins_anew() -> None:
    pace = Velocity(100, 0.0)
    pace.spend(pace.allowed(0.0), 0.0)

    assert pace.allowed(3_600.0) == int(100 * CATCH_UP_SECONDS) + 1


@given(RATES)
def test_the_next_may_go_when_it_was_said(per_second: float) -> None:
    pace = Velocity(per_second, 0.0)
    pace.spend(1, 0.0)

    assert pace.allowed(0.0) == 0
    assert pace.allowed(pace.wait_seconds(0.0)) >= 1


def test_a_provider_has_its_own_velocity_within_that_of_all() -> None:
    paces = Velocities()
    paces.set(10, 2, ["jellyfin", "http"], 0.0)

    assert paces.most(["jellyfin", "http"], 5, 0.0) == {"jellyfin": 1, "http": 1}
    paces.spend({"jellyfin": 1, "http": 1}, 0.0)
    assert paces.most(["jellyfin", "http"], 5, 0.1) == {}
    assert paces.wait_seconds(["jellyfin"], 0.1) == pytest.approx(0.4)


def test_a_velocity_that_stays_keeps_its_place_and_a_new_one_begins_now() -> None:
    paces = Velocities()
    paces.set(10, None, ["jellyfin"], 0.0)
    paces.spend({"jellyfin": 50}, 0.0)

    paces.set(10, None, ["jellyfin"], 1.0)
    assert paces.most_in_all(500, 1.0) == 0
    paces.set(20, None, ["jellyfin"], 1.0)
    assert paces.most_in_all(500, 1.0) == 1
    paces.set(None, None, ["jellyfin"], 1.0)
    assert paces.most_in_all(500, 1.0) == 500
