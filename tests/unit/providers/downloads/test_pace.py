from datetime import timedelta

from providers.downloads.pace import Interval, SpeedFloor


def test_a_window_is_judged_at_its_end_only() -> None:
    floor = SpeedFloor(100, timedelta(seconds=10), now=0.0)

    assert not floor.is_broken(9.9, received=0)
    assert floor.is_broken(10.0, received=999)


def test_enough_in_one_window_does_not_help_the_next() -> None:
    floor = SpeedFloor(100, timedelta(seconds=10), now=0.0)

    assert not floor.is_broken(10.0, received=1_000_000)
    assert floor.is_broken(20.0, received=1)


def test_a_floor_of_zero_is_never_broken() -> None:
    assert not SpeedFloor(0, timedelta(seconds=10), now=0.0).is_broken(1000.0, received=0)


def test_an_interval_is_due_once_each_time() -> None:
    interval = Interval(timedelta(seconds=1), now=5.0)

    assert [interval.is_due(now) for now in (5.5, 6.0, 6.5, 7.5, 7.6)] == [False, True, False, True, False]
