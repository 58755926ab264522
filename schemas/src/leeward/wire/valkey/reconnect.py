"""Asking Valkey again when the connection failed on the way."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import TypeVar

import redis

from leeward.errors import Unavailable
from leeward.wire.valkey.primary import is_no_primary
from leeward.wire.valkey.refusal import sentence

ATTEMPTS = 4
LONGEST_PAUSE = timedelta(seconds=1)
FIRST_PAUSE = timedelta(milliseconds=50)

Answer = TypeVar("Answer")


def pause_after(error: redis.RedisError, attempt: int) -> float:
    """For how many seconds to wait before the next attempt, after this one (from 1) has failed.

    Raises:
        Unavailable: there is to be no other: it was the last of `ATTEMPTS`, or the server does not do as asked.
    """
    if not isinstance(error, redis.ConnectionError | redis.TimeoutError):
        # A server that is no longer the primary has lost its connection: the next attempt may reach the one that is.
        if attempt == ATTEMPTS or not is_no_primary(error):
            raise Unavailable(f"Valkey does not do as asked: {sentence(error)}") from error
    elif attempt == ATTEMPTS:
        raise Unavailable(f"Valkey did not answer {ATTEMPTS} times in a row: {sentence(error)}") from error
    longest_seconds: float = FIRST_PAUSE.total_seconds() * 4 ** (attempt - 1)
    return random.uniform(longest_seconds / 2, longest_seconds)


def persistently(ask: Callable[[bool], Answer], *, pause: Callable[[float], None] = time.sleep) -> Answer:
    """Calls `ask` until it answers, a few times at most. The argument says whether this may be a repetition; `ask` must be safe to repeat.

    Raises:
        Unavailable: there was no answer `ATTEMPTS` times in a row, or the server does not do as asked.
    """
    for attempt in count(1):
        try:
            return ask(attempt > 1)
        except redis.RedisError as error:
            seconds = pause_after(error, attempt)
        pause(seconds)
    raise AssertionError("unreachable")


def pauses_within(wait: timedelta, *, clock: Callable[[], float] = time.monotonic) -> Iterator[float]:
    """For how many seconds to pause before each further attempt, longer each time and at random, so that those who wait do not come back
    together. `wait` begins with the first; it ends when that time is over.
    """
    end, longest_seconds = clock() + wait.total_seconds(), FIRST_PAUSE.total_seconds()
    while (left_seconds := end - clock()) > 0:
        yield min(left_seconds, random.uniform(longest_seconds / 2, longest_seconds))
        longest_seconds = min(longest_seconds * 2, LONGEST_PAUSE.total_seconds())
