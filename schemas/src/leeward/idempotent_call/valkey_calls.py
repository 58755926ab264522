"""Attempts that Valkey records."""

from collections.abc import Awaitable, Callable
from typing import Any

from leeward.idempotent_call.async_once import AsyncCalls
from leeward.idempotent_call.steps import begin_call, end_call
from leeward.idempotent_call.terms import Reply
from leeward.wire.steps import Steps


class ValkeyCalls:
    """For `Leeward`: `run` performs steps."""

    def __init__(self, run: Callable[[Steps[Any]], Any]) -> None:
        self._run = run

    def begin(self, arguments: list[Any]) -> Reply:
        reply: Reply = self._run(begin_call(arguments))
        return reply

    def end(self, arguments: list[Any]) -> bool:
        return bool(self._run(end_call(arguments)))


class AsyncValkeyCalls(AsyncCalls):
    """For `AsyncLeeward`."""

    def __init__(self, run: Callable[[Steps[Any]], Awaitable[Any]]) -> None:
        self._run = run

    async def begin(self, arguments: list[Any]) -> Reply:
        reply: Reply = await self._run(begin_call(arguments))
        return reply

    async def end(self, arguments: list[Any]) -> bool:
        return bool(await self._run(end_call(arguments)))
