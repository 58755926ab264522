"""Asking Valkey again when the connection failed on the way."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

import redis

from leeward.errors import Unavailable
from leeward.wire.valkey.primary import is_no_primary
from leeward.wire.valkey.refusal import sentence

ATTEMPTS = 4
LONGEST_PAUSE = timedelta(seconds=1)
FIRST_PAUSE = timedelta(milliseconds=50)

Answer = TypeVar("Answer")


def persistently(ask: Callable[[bool], Answer], *, pause: Callable[[float], None] = time.sleep) -> Answer:
    """Calls `ask` until it answers, a few times at most. The argument says whether this may be a repetition; `ask` must be safe to repeat.

    Raises:
        Unavailable: there was no answer `ATTEMPTS` times in a row, or the server does not do as asked.
    """
    wait_seconds = FIRST_PAUSE.total_seconds()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return ask(attempt > 1)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            if attempt == ATTEMPTS:
                raise Unavailable(f"Valkey did not answer {ATTEMPTS} times in a row: {sentence(error)}") from error
        except redis.RedisError as error:
            # A server that is no longer the primary has lost its connection: the next attempt may reach the one that is.
            if attempt == ATTEMPTS or not is_no_primary(error):
                raise Unavailable(f"Valkey does not do as asked: {sentence(error)}") from error
        pause(random.uniform(wait_seconds / 2, wait_seconds))
        wait_seconds *= 4
    raise AssertionError("unreachable")


def pauses_within(wait: timedelta) -> Iterator[bool]:
    """Pauses before each further attempt, longer each time and at random, so that those who wait do not come back together.
    `wait` begins with the first.

    Yields:
        True after a pause; False, for ever, when `wait` is over.
    """
    end, longest_seconds = time.monotonic() + wait.total_seconds(), FIRST_PAUSE.total_seconds()
    while (left_seconds := end - time.monotonic()) > 0:
        time.sleep(min(left_seconds, random.uniform(longest_seconds / 2, longest_seconds)))
        longest_seconds = min(longest_seconds * 2, LONGEST_PAUSE.total_seconds())
        yield True
    while True:
        yield False
