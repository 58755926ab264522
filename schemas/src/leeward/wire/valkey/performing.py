"""Performs an operation's steps on this thread's connection."""

import time
from collections.abc import Callable
from typing import Any

import redis

from leeward.errors import Unavailable
from leeward.wire.steps import Answer, Ask, AskInTurn, Pause, Step, Steps, Wait
from leeward.wire.valkey.refusal import sentence
from leeward.wire.valkey.thread_connection import ask, ask_in_turn
from leeward.wire.valkey.time_limit import limit


def perform(
    client: redis.Redis,
    steps: Steps[Answer],
    *,
    limit_seconds: float | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Answer:
    """What the steps return.

    Args:
        client: where to ask.
        steps: the operation.
        limit_seconds: for all of it together: connecting, handshakes, answers, repetitions and the pauses between them. Of several commands
            in turn each has so long.
        pause: waits for so many seconds.

    Raises:
        Unavailable: there was no answer within the limit.
    """
    before, limit.end = limit.end, None if limit_seconds is None else time.monotonic() + limit_seconds
    resume: Callable[[Any], Step] = steps.send
    answer: Any = None
    try:
        while True:
            step = resume(answer)
            try:
                answer = (
                    ask(client, *step.command)
                    if isinstance(step, Ask)
                    else _other(client, step, limit_seconds, pause, answer)
                )
                resume = steps.send
            except redis.RedisError as error:
                resume, answer = steps.throw, error
    except StopIteration as ended:
        returned: Answer = ended.value
        return returned
    finally:
        limit.end = before
        steps.close()


def _other(
    client: redis.Redis,
    step: AskInTurn | Pause | Wait,
    limit_seconds: float | None,
    pause: Callable[[float], None],
    error: Any,
) -> Any:
    if isinstance(step, Pause):
        _pause(step, limit_seconds, pause, error)
        return None
    if isinstance(step, Wait):
        raise TypeError("these steps are for an event loop")
    answers = list(ask_in_turn(client, step.commands))
    limit.end = _end(limit_seconds)
    return answers


def _end(limit_seconds: float | None) -> float | None:
    return None if limit_seconds is None else time.monotonic() + limit_seconds


def _pause(step: Pause, limit_seconds: float | None, pause: Callable[[float], None], error: object) -> None:
    end = None if step.restarts_limit else limit.end
    if end is not None and limit_seconds is not None and time.monotonic() + step.seconds >= end:
        raise out_of_time(limit_seconds, error)
    pause(step.seconds)
    if step.restarts_limit:
        limit.end = _end(limit_seconds)


def out_of_time(limit_seconds: float, error: object) -> Unavailable:
    """The error for a call whose limit is over; `error` is what went wrong last."""
    why = sentence(error) if isinstance(error, redis.RedisError) else "the server is silent"
    return Unavailable(f"Valkey did not answer within {limit_seconds:g} s (timeout): {why}")
