"""An operation as steps: what it asks the server, and for how long it waits before it asks again.

The steps own no connection, no clock and no thread, so that one text serves threads (`leeward.wire.valkey.performing`) and event loops.
The code that performs them sends the answers in, and throws in what the server refused.
"""

from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from itertools import count
from typing import Any, NamedTuple, TypeAlias, TypeVar

import redis

from leeward.wire.valkey.reconnect import pause_after


class Ask(NamedTuple):
    """One command, for its answer."""

    command: Sequence[Any]


class AskInTurn(NamedTuple):
    """Commands, sent one after the other, each while the server works on the one before it. The answer is the list of their answers.

    The time limit of the call begins again after them: there is progress.
    """

    commands: Iterable[Sequence[Any]]


class Pause(NamedTuple):
    """Nothing is asked for so long.

    Attributes:
        restarts_limit: the time limit of the call begins again after it, since the caller wants to wait.
    """

    seconds: float
    restarts_limit: bool = False


class Wait(NamedTuple):
    """For something else of the event loop that performs the steps; threads have no such step.

    Attributes:
        is_limited: it is given up at the end of the call's time limit; otherwise what is awaited has a limit of its own.
    """

    awaited: Awaitable[Any]
    is_limited: bool = False


Answer = TypeVar("Answer")
Step: TypeAlias = Ask | AskInTurn | Pause | Wait
Steps: TypeAlias = Generator[Step, Any, Answer]


def ask(*command: Any) -> Steps[Any]:
    """One command and its answer.

    Raises:
        redis.RedisError: the server could not be asked, or refused.
    """
    return (yield Ask(command))


def persistently(steps_of: Callable[[bool], Steps[Answer]]) -> Steps[Answer]:
    """Takes steps until they answer, a few times at most. The argument says whether this may be a repetition; they must be safe to repeat.

    Raises:
        Unavailable: there was no answer several times in a row, or the server does not do as asked.
    """
    for attempt in count(1):
        try:
            return (yield from steps_of(attempt > 1))
        except redis.RedisError as error:
            seconds = pause_after(error, attempt)
        yield Pause(seconds)
    raise AssertionError("unreachable")
