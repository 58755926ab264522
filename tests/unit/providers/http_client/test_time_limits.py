from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.http_client.time_limits import OutOfTime, TimeLimits


def limits(total: float | None, now: list[float]) -> TimeLimits:
    return TimeLimits(None if total is None else timedelta(seconds=total), clock=lambda: now[0])


@given(drips=st.lists(st.floats(0.01, 0.9), min_size=1, max_size=50))
def test_bytes_that_are_no_progress_do_not_lengthen_the_wait(drips: list[float]) -> None:
    now = [0.0]
    mine = limits(None, now)
    for pause in drips:
        now[0] += pause
        if now[0] >= 1:
            with pytest.raises(OutOfTime):
                mine.of_wait(1)
            return
        assert mine.of_wait(1) == pytest.approx(1 - now[0])


def test_progress_begins_the_next_wait() -> None:
    now = [0.0]
    mine = limits(None, now)
    now[0] = 0.9
    mine.progressed()

    assert mine.of_wait(1) == pytest.approx(1)


@pytest.mark.parametrize("ask", [TimeLimits.of_wait, TimeLimits.of_step])
def test_the_whole_is_limited_whatever_progress_there_is(ask: Callable[[TimeLimits, float], float]) -> None:
    now = [0.0]
    mine = limits(2, now)
    now[0] = 1.5
    mine.progressed()
    assert ask(mine, 1) == 0.5

    now[0] = 2
    mine.progressed()
    with pytest.raises(OutOfTime):
        ask(mine, 1)


def test_a_limit_that_was_lifted_limits_no_more() -> None:
    now = [0.0]
    mine = limits(2, now)
    mine.lift()
    now[0] = 100
    mine.progressed()

    assert mine.of_wait(1) == 1
