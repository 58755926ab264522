import pytest

from tests.support.machine_time import SLOWEST, Patience, speed_of


@pytest.mark.parametrize(("running", "speed"), [(0, 1.0), (1, 1.0), (2, 1.0), (4, 0.5), (8, 0.25), (10_000, SLOWEST)])
def test_the_speed_is_the_share_that_each_runnable_task_has(running: int, speed: float) -> None:
    stat = f"cpu  1 2 3\nintr 7\nprocs_running {running}\nprocs_blocked 0\n"

    assert speed_of(stat, processors=2) == speed


def test_a_machine_that_does_not_say_is_as_fast_as_it_can_be() -> None:
    assert speed_of("cpu 1 2 3\n", processors=2) == 1.0


def test_patience_counts_time_by_the_speed_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    now, speed = [100.0], [1.0]
    monkeypatch.setattr("tests.support.machine_time.time.monotonic", lambda: now[0])
    monkeypatch.setattr("tests.support.machine_time.speed", lambda: speed[0])
    patience = Patience(10)

    now[0] += 9
    assert not patience.is_over
    speed[0] = 0.1
    now[0] += 9
    assert not patience.is_over
    now[0] += 1.5
    assert patience.is_over


def test_no_patience_is_over_at_once() -> None:
    assert Patience(0).is_over
