"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import Literal, TypeVar

from tests.support.machine_time import Patience

Answer = TypeVar("Answer")


def wait_until(
    predicate: Callable[[], Answer | Literal[False] | None],
    *,
    description: str,
    timeout: float = 10.0,
    interval: float = 0.01,
) -> Answer:
    """Asks until the answer is truthy, and returns that answer.

    `interval` is seconds. `timeout` is seconds of a machine that has time for us: see `Patience`.

    Raises:
        AssertionError: naming the description and the last answer, when no answer was truthy in time.
    """
    patience = Patience(timeout)
    while True:
        answer = predicate()
        if answer:
            return answer
        if patience.is_over:
            raise AssertionError(f"Waited {timeout:g} s in vain for: {description} (last answer: {answer!r})")
        time.sleep(interval)
