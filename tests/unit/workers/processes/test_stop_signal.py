"""A handler that interrupts the very thread that waits for it, wherever that is."""

import random
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from workers.processes.stop_signal import StopSignal


@pytest.fixture(autouse=True)
def _own_handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGUSR2)
    yield
    signal.signal(signal.SIGUSR2, before)


@pytest.mark.timeout(60)
def test_it_may_be_given_between_any_two_steps_of_the_wait() -> None:
    """The signal is raised at each line that the wait passes, in Python; an Event stands still at one of them."""
    steps = 0
    while True:
        stop = StopSignal()
        signal.signal(signal.SIGUSR2, lambda *_, stop=stop: stop.give())
        passed = _raising_at(steps, stop)
        assert stop.is_given
        if not passed:
            break
        steps += 1

    assert steps > 3


def _raising_at(step: int, stop: StopSignal) -> bool:
    """Waits while the signal comes at that step; False when the wait has fewer."""
    seen = -1

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal seen
        if frame.f_code.co_filename.endswith(("stop_signal.py", "threading.py")):
            seen += 1
            if seen == step:
                signal.raise_signal(signal.SIGUSR2)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        stop.wait(0.01)
    finally:
        sys.settrace(before)
    if seen < step:
        stop.give()
    return seen >= step


@pytest.mark.timeout(60)
def test_it_ends_a_wait_that_has_begun() -> None:
    numbers, main = random.Random(7), threading.main_thread().ident or 0
    for _ in range(50):
        stop = StopSignal()
        signal.signal(signal.SIGUSR2, lambda *_, stop=stop: stop.give())
        timer = threading.Timer(numbers.uniform(0, 0.003), lambda: signal.pthread_kill(main, signal.SIGUSR2))
        timer.start()

        assert stop.wait(50)
        timer.join()


def test_more_than_once_is_once() -> None:
    stop = StopSignal()
    stop.give()
    stop.give()

    assert stop.wait()
    assert stop.wait(0)


def test_a_wait_has_an_end() -> None:
    assert not StopSignal().wait(0)
    assert not StopSignal().wait(0.01)
