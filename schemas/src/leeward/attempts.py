"""Asking Valkey again when the connection failed on the way."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import redis

from leeward.errors import Unavailable
from leeward.primary import is_no_primary
from leeward.refusal import sentence

ATTEMPTS = 4
FIRST_PAUSE = timedelta(milliseconds=50)

Answer = TypeVar("Answer")


def persistently(ask: Callable[[bool], Answer], *, pause: Callable[[float], None] = time.sleep) -> Answer:
    """Calls `ask` until it answers, a few times at most. It is told whether this may be a repetition, and must be safe to repeat.

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
