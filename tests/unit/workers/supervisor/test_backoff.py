"""The delay before a process is started again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.supervisor import Backoff

BACKOFF = Backoff(first=timedelta(seconds=1), limit=timedelta(seconds=30), stable_after=timedelta(seconds=60))


def test_the_delay_doubles_up_to_the_limit() -> None:
    delays = [BACKOFF.delay(early_ends).total_seconds() for early_ends in range(1, 8)]

    assert delays == [1, 2, 4, 8, 16, 30, 30]


def test_an_early_end_adds_to_those_before() -> None:
    assert BACKOFF.early_ends(3, ran_for=timedelta(seconds=59)) == 4


def test_a_stable_run_starts_afresh() -> None:
    assert BACKOFF.early_ends(9, ran_for=timedelta(seconds=60)) == 1


@given(early_ends=st.integers(min_value=1, max_value=10**9))
def test_no_number_of_early_ends_leaves_the_range_or_shortens_the_delay(early_ends: int) -> None:
    assert BACKOFF.first <= BACKOFF.delay(early_ends) <= BACKOFF.delay(early_ends + 1) <= BACKOFF.limit


@pytest.mark.parametrize(
    "durations",
    [
        {"first": timedelta(0)},
        {"stable_after": timedelta(seconds=-1)},
        {"first": timedelta(seconds=2), "limit": timedelta(seconds=1)},
    ],
)
def test_impossible_durations_are_refused(durations: dict[str, timedelta]) -> None:
    with pytest.raises(ValueError, match="than"):
        Backoff(**durations)
