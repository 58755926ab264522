from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.dead_letters.groups.trend import HOURS, Direction, direction

NOW = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


def judged(*hours: int, first_seen: datetime | None = LONG_AGO) -> Direction:
    """The last hours; what is missing before them is a repetition of the first."""
    return direction([hours[0]] * (HOURS - len(hours)) + list(hours), first_seen=first_seen, now=NOW)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((0,), Direction.QUIET),
        ((5, *[0] * 24), Direction.QUIET),
        ((100, 100, 100, 100, 100, 100, 100), Direction.STEADY),
        ((100, 250, 250, 250, 250, 250, 250), Direction.RISING),
        ((0, 0, 0, 0, 0, 0, 900), Direction.RISING),
        ((100, 40, 30, 20, 10, 0, 0), Direction.FALLING),
        ((0, 1, 0, 0, 1, 0, 0), Direction.STEADY),  # four would be noise, too
        ((1, 0, 0, 0, 1, 1, 2), Direction.STEADY),
    ],
)
def test_a_trend_has_a_direction(hours: tuple[int, ...], expected: Direction) -> None:
    assert judged(*hours) is expected


def test_a_group_is_new_for_a_day() -> None:
    assert judged(3, first_seen=NOW - timedelta(hours=23, minutes=59)) is Direction.NEW
    assert judged(3, first_seen=NOW - timedelta(hours=24)) is Direction.STEADY


def test_a_new_group_without_deaths_is_quiet() -> None:
    """Its letters are gone: deleted, or moved to another group by a new rule."""
    assert judged(0, first_seen=NOW) is Direction.QUIET


@given(st.integers(0, 10_000))
def test_the_same_every_hour_is_never_rising_or_falling(deaths: int) -> None:
    assert judged(deaths) in {Direction.STEADY, Direction.QUIET}


@given(st.lists(st.integers(0, 1_000), min_size=HOURS, max_size=HOURS), st.integers(1, 1_000))
def test_more_deaths_now_never_turn_a_rise_into_anything_else(hours: list[int], more: int) -> None:
    if direction(hours, first_seen=LONG_AGO, now=NOW) is Direction.RISING:
        assert direction([*hours[:-1], hours[-1] + more], first_seen=LONG_AGO, now=NOW) is Direction.RISING
