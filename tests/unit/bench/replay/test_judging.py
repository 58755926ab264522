"""How the figures of `replay` are made from what was counted."""

import pytest

from bench.jobs.systems_compared import Miscounted
from bench.replay.survival import check
from bench.replay.velocity import judge


def test_a_velocity_that_is_kept_is_one_in_all_and_in_every_window() -> None:
    kept = judge([(second / 10, second * 5) for second in range(300)], 50)

    assert (kept.whole, kept.emptiest, kept.fullest) == pytest.approx((1, 1, 1))
    assert kept.worst == pytest.approx(0)


def test_a_pause_and_a_burst_are_seen_in_their_windows_though_the_whole_is_as_it_should_be() -> None:
    looks = [(float(second), second * 10) for second in range(11)]
    looks += [(float(second), 100) for second in range(11, 16)]
    looks += [(float(second), 160 + (second - 16) * 10) for second in range(16, 30)]

    kept = judge(looks, 10)

    assert kept.whole == pytest.approx(1)
    assert kept.emptiest == pytest.approx(0)
    assert kept.fullest > 1.9


@pytest.mark.parametrize("ran", [[0, 1], [0, 1, 2, 2], [0, 1, 3]])
def test_what_did_not_run_exactly_once_is_an_error_and_no_figure(ran: list[int]) -> None:
    with pytest.raises(Miscounted):
        check(ran, 3)

    check([2, 0, 1], 3)
