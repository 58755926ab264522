"""Calls that are made once, at a fake fleet: the rule of `once_begin.lua` and `once_end.lua`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leeward.idempotent_call.async_once import AsyncCalls
from leeward.idempotent_call.terms import Reply


@dataclass
class _Known:
    fingerprint: str
    token: str
    until: datetime
    expires: datetime
    answer: bytes | None = None


class FakeCalls:
    """`now` is the fleet's clock, and raises while the test has made the fleet unreachable."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._known: dict[str, _Known] = {}

    def begin(self, arguments: list[Any]) -> Reply:
        key, fingerprint, token, lease_ms, kept_ms = arguments
        now, known = self._now(), self._known.get(key)
        if known is not None and known.expires <= now:
            known = None
        if known is not None and known.fingerprint != fingerprint:
            return Reply("conflict")
        if known is not None and known.answer is not None:
            return Reply("answer", known.answer)
        if known is not None and known.until > now:
            return Reply("running", (known.until - now) // timedelta(milliseconds=1))
        until = now + timedelta(milliseconds=lease_ms)
        self._known[key] = _Known(fingerprint, token, until, until + timedelta(milliseconds=kept_ms))
        return Reply("new" if known is None else "again")

    def end(self, arguments: list[Any]) -> bool:
        key, token, what, span_ms, rest = arguments
        now, known = self._now(), self._known.get(key)
        if known is None or known.expires <= now or known.token != token:
            return False
        span = timedelta(milliseconds=span_ms)
        match what:
            case "failed":
                del self._known[key]
            case "done":
                known.answer, known.expires = rest, now + span
            case _:
                known.until, known.expires = now + span, now + span + timedelta(milliseconds=rest)
        return True


class AsyncFakeCalls(AsyncCalls):
    """The same, awaited."""

    def __init__(self, calls: FakeCalls) -> None:
        self._calls = calls

    async def begin(self, arguments: list[Any]) -> Reply:
        return self._calls.begin(arguments)

    async def end(self, arguments: list[Any]) -> bool:
        return self._calls.end(arguments)
