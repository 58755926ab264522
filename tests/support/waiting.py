"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import Literal, TypeVar

Answer = TypeVar("Answer")


def wait_until(
    predicate: Callable[[], Answer | Literal[False] | None],
    *,
    description: str,
    timeout: float = 10.0,
    interval: float = 0.01,
) -> Answer:
    """Asks until the answer is truthy, and returns that answer. `timeout` and `interval` are seconds.

    Raises:
        AssertionError: naming the description and the last answer, when no answer was truthy in time.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise AssertionError(f"Waited {timeout:g} s in vain for: {description} (last answer: {answer!r})")
        time.sleep(interval)
