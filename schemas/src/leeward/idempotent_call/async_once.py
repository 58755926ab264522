"""`leeward.once` for event loops."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from functools import wraps
from types import TracebackType
from typing import Any

from leeward.idempotent_call.terms import Attempt, Reply, Terms


class AsyncCalls(ABC):
    """Where attempts are recorded."""

    @abstractmethod
    async def begin(self, arguments: list[Any]) -> Reply: ...
    @abstractmethod
    async def end(self, arguments: list[Any]) -> bool: ...


class AsyncOnce:
    """`Once`, awaited."""

    def __init__(self, calls: AsyncCalls, terms: Terms) -> None:
        self._calls = calls
        self._terms = terms
        self._attempt: Attempt | None = None

    async def __aenter__(self) -> Attempt:
        self._attempt = await self._begin((), {})
        return self._attempt

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        assert self._attempt is not None
        await self._end(self._attempt, error)

    async def renew(self) -> None:
        """`Once.renew`, awaited."""
        assert self._attempt is not None, "renew() is for inside the block"
        self._attempt.must_hold(await self._calls.end(self._terms.renewed(self._attempt)))

    def __call__(self, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(function)
        async def called_once(*arguments: Any, **named: Any) -> Any:
            attempt = await self._begin(arguments, named)
            if attempt.is_new:
                try:
                    attempt.answer = await function(*arguments, **named)
                except Exception as error:
                    await self._end(attempt, error)
                    raise
                await self._end(attempt, None)
            return attempt.answer

        return called_once

    async def _begin(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> Attempt:
        attempt = Attempt(self._terms.key_for(arguments, named))
        attempt.begin(await self._calls.begin(self._terms.begin(attempt, arguments, named)))
        return attempt

    async def _end(self, attempt: Attempt, error: BaseException | None) -> None:
        if not attempt.is_new:
            return
        if isinstance(error, Exception):
            await self._calls.end(self._terms.failed(attempt))
        elif error is None:
            attempt.must_hold(await self._calls.end(self._terms.done(attempt)))
