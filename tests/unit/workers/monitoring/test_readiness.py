from datetime import timedelta
from typing import Any

import pytest

from workers.monitoring.readiness import FRESH, HEARD, STUCK, Sign, problems

INSTANT = timedelta(milliseconds=1)
WELL: dict[str, Any] = {
    "pid": 7,
    "threads": 4,
    "busy": 1,
    "written": timedelta(seconds=1),
    "heard": timedelta(seconds=2),
    "finished": timedelta(seconds=3),
    "oldest_job": timedelta(seconds=4),
}


def sign(**changes: Any) -> Sign:
    return Sign(**WELL | changes)


def test_processes_that_live_hear_and_work_are_ready() -> None:
    assert problems([sign(), sign(pid=8)], expected=2) == []


def test_an_idle_process_is_ready_however_long_it_has_been_idle() -> None:
    idle = sign(busy=0, finished=timedelta(days=3), oldest_job=timedelta(0))

    assert problems([idle], expected=1) == []


def test_a_host_without_all_its_processes_is_not_ready() -> None:
    assert problems([sign()], expected=2) == ["1 of 2 worker processes have sent a recent heartbeat"]


@pytest.mark.parametrize(("written", "ready"), [(FRESH, True), (FRESH + INSTANT, False)])
def test_an_old_sign_of_life_is_none(written: timedelta, ready: bool) -> None:
    assert (problems([sign(written=written)], expected=1) == []) is ready


def test_only_fresh_signs_are_complained_about() -> None:
    """The sign of a process that was killed grows old; what it said then means nothing now."""
    dead = sign(pid=6, written=timedelta(minutes=1), heard=timedelta(minutes=9))

    assert problems([dead, sign()], expected=1) == []


@pytest.mark.parametrize(("heard", "ready"), [(HEARD, True), (HEARD + INSTANT, False)])
def test_a_process_that_does_not_hear_valkey_is_not_ready(heard: timedelta, ready: bool) -> None:
    assert (problems([sign(heard=heard)], expected=1) == []) is ready


def test_a_process_whose_threads_are_all_stuck_is_not_ready() -> None:
    long = STUCK + INSTANT

    (problem,) = problems([sign(busy=4, finished=long, oldest_job=long)], expected=1)

    assert problem == "process 7 is stuck: all 4 threads are busy and no job has ended for 900 s"


@pytest.mark.parametrize(
    "progress",
    [
        {"busy": 3},  # a thread is free
        {"finished": timedelta(seconds=1)},  # a job has just ended
        {"oldest_job": STUCK},  # after a quiet night all threads have just begun
    ],
)
def test_a_busy_process_that_makes_progress_is_ready(progress: dict[str, Any]) -> None:
    stuck: dict[str, Any] = {"busy": 4, "finished": timedelta(hours=8), "oldest_job": timedelta(hours=8)}

    assert problems([sign(**stuck | progress)], expected=1) == []
