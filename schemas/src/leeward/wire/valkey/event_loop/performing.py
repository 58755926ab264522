"""Performs an operation's steps in an event loop."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import redis

from leeward.wire.steps import Answer, Ask, AskInTurn, Pause, Step, Steps, Wait
from leeward.wire.valkey.event_loop.link import Link, halfway
from leeward.wire.valkey.performing import out_of_time
from leeward.wire.valkey.thread_connection import UNDERWAY


async def perform(link: Link, steps: Steps[Answer], limit_seconds: float) -> Answer:
    """What the steps return: `leeward.wire.valkey.performing.perform` in an event loop.

    Raises:
        Unavailable: there was no answer within the limit.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + limit_seconds
    resume: Callable[[Any], Step] = steps.send
    answer: Any = None
    try:
        while True:
            step = resume(answer)
            try:
                if isinstance(step, Ask):
                    connection = link.ready(loop)
                    if connection is None:
                        answer = await (await link.open(loop, end)).send(step.command, end)
                    else:
                        answer = await connection.send(step.command, halfway(connection.used_at, end))
                elif isinstance(step, Wait) and not step.is_limited:
                    answer = await step.awaited
                else:
                    end, answer = await _other(link, loop, step, Limit(end, limit_seconds), answer)
                resume = steps.send
            except redis.RedisError as error:
                resume, answer = steps.throw, error
    except StopIteration as ended:
        returned: Answer = ended.value
        return returned
    finally:
        # Where the call was cancelled, what the steps do at their end is done now.
        steps.close()


class Limit(NamedTuple):
    """The time limit of a call.

    Attributes:
        end: by the loop's time.
        seconds: how long it is where it begins again.
    """

    end: float
    seconds: float


async def _other(
    link: Link, loop: asyncio.AbstractEventLoop, step: AskInTurn | Pause | Wait, limit: Limit, error: Any
) -> tuple[float, Any]:
    """The end of the limit after the step, and the answer."""
    if isinstance(step, Pause):
        return await _paused(loop, step, limit, error), None
    if isinstance(step, Wait):
        return limit.end, await _within(limit, step.awaited)
    answers = await _ask_in_turn(link, loop, step, limit)
    return loop.time() + limit.seconds, answers


async def _ask_in_turn(link: Link, loop: asyncio.AbstractEventLoop, step: AskInTurn, limit: Limit) -> list[Any]:
    connection = link.ready(loop) or await link.open(loop, limit.end)
    underway, found = deque["asyncio.Future[Any]"](), list[Any]()
    try:
        for command in step.commands:
            underway.append(connection.send(command, loop.time() + limit.seconds))
            if len(underway) == UNDERWAY:
                found.append(await underway.popleft())
        while underway:
            found.append(await underway.popleft())
    finally:
        for waiting in underway:
            waiting.cancel()
    return found


async def _within(limit: Limit, awaited: Awaitable[Any]) -> Any:
    try:
        async with asyncio.timeout_at(limit.end):
            return await awaited
    except TimeoutError:
        raise out_of_time(limit.seconds, None) from None


async def _paused(loop: asyncio.AbstractEventLoop, step: Pause, limit: Limit, error: object) -> float:
    if step.restarts_limit:
        await asyncio.sleep(step.seconds)
        return loop.time() + limit.seconds
    if loop.time() + step.seconds >= limit.end:
        raise out_of_time(limit.seconds, error)
    await asyncio.sleep(step.seconds)
    return limit.end
