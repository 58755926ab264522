"""`leeward.once`: the idempotency of jobs for code that is none."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, overload

from leeward.idempotent_call.async_once import AsyncCalls, AsyncOnce
from leeward.idempotent_call.calls import Calls
from leeward.idempotent_call.terms import KEPT, LEASE, Attempt, Chosen, Terms, terms

if TYPE_CHECKING:
    from leeward.client.async_client import AsyncLeeward
    from leeward.client.sync_client import Leeward


class Once:
    """A block or a function that runs once for its key. A block is entered once; a decorated function may be called from any thread.

    Raises:
        CallInProgress: when it begins; another attempt has the key.
        CallConflict: when it begins; the key was used with another payload.
        CallLost: when it ends; it took longer than its lease, and another attempt has the key. Its answer is not stored.
        Unavailable: Valkey cannot be reached. When that happens at the end, the work is done and its answer may not be stored.
    """

    def __init__(self, calls: Calls, terms: Terms) -> None:
        self._calls = calls
        self._terms = terms
        self._attempt: Attempt | None = None

    def __enter__(self) -> Attempt:
        self._attempt = self._begin((), {})
        return self._attempt

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._attempt is not None
        self._end(self._attempt, error)

    def renew(self) -> None:
        """Inside the block: has the key for a whole lease from now on.

        Raises:
            CallLost: another attempt has it.
        """
        assert self._attempt is not None, "renew() is for inside the block"
        self._attempt.must_hold(self._calls.end(self._terms.renewed(self._attempt)))

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def called_once(*arguments: Any, **named: Any) -> Any:
            attempt = self._begin(arguments, named)
            if attempt.is_new:
                try:
                    attempt.answer = function(*arguments, **named)
                except Exception as error:
                    self._end(attempt, error)
                    raise
                self._end(attempt, None)
            return attempt.answer

        return called_once

    def _begin(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> Attempt:
        attempt = Attempt(self._terms.key_for(arguments, named))
        attempt.begin(self._calls.begin(self._terms.begin(attempt, arguments, named)))
        return attempt

    def _end(self, attempt: Attempt, error: BaseException | None) -> None:
        if not attempt.is_new:
            return
        if isinstance(error, Exception):
            self._calls.end(self._terms.failed(attempt))
        elif error is None:
            attempt.must_hold(self._calls.end(self._terms.done(attempt)))


@overload
def once(
    key: Chosen, fleet: "Leeward", *, payload: Any = None, lease: timedelta = LEASE, kept: timedelta = KEPT
) -> Once: ...
@overload
def once(
    key: Chosen, fleet: "AsyncLeeward", *, payload: Any = None, lease: timedelta = LEASE, kept: timedelta = KEPT
) -> AsyncOnce: ...
def once(
    key: Chosen,
    fleet: "Leeward | AsyncLeeward",
    *,
    payload: Any = None,
    lease: timedelta = LEASE,
    kept: timedelta = KEPT,
) -> Once | AsyncOnce:
    """Runs code outside jobs once for a key: what was done before is answered from what was stored then.

        with once("charge-17", fleet, payload={"cents": 250}) as call:
            if call.is_new:
                call.answer = charge(250)
        return call.answer

        @once(lambda order: f"charge-{order}", fleet)
        def charge_order(order): ...

    With `AsyncLeeward`, `async with`, and a decorator for `async def`. When the code raises an `Exception`, the key is free again. When it
    is interrupted or its process is killed, the key is free when the lease ends, and the next attempt sees `is_open`: what the first one
    did is not known.

    Args:
        key: 1 to 255 characters, or a function that makes it of the arguments of the decorated function. `leeward.key` makes good ones.
        fleet: the client of the fleet that keeps keys and answers.
        payload: JSON values, or such a function; the same key with another payload is a conflict.
        lease: how long an attempt may take before another one may begin.
        kept: how long the answer is kept.

    Raises:
        Invalid: the key is none, or a span is not longer than nothing.
    """
    given = terms(key, payload, lease, kept)
    calls = fleet._calls  # noqa: SLF001 # what clients and fakes have for this function alone
    return AsyncOnce(calls, given) if isinstance(calls, AsyncCalls) else Once(calls, given)
