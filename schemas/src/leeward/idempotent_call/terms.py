"""On which terms a call is made once, and how far an attempt at it is."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from leeward.errors import CallConflict, CallInProgress, CallLost, Invalid
from leeward.jobs.canonical import fingerprint
from leeward.jobs.idempotency_key import check_key
from leeward.jobs.timing import span

LEASE = timedelta(minutes=1)
KEPT = timedelta(days=1)
Chosen = str | Callable[..., str]
"""A key, or a function that makes it of the arguments of the decorated function."""


class Reply(NamedTuple):
    """What the fleet says when an attempt begins: see `once_begin.lua`."""

    verdict: str
    value: Any = None


@dataclass(slots=True)
class Attempt:
    """One attempt at a call, as the block or the function sees it.

    Attributes:
        is_new: whether the work is to be done now. False where it was done before: `answer` is what was stored then.
        is_open: an earlier attempt began and never reported its end: what it did is not known.
        answer: what is stored when the block ends without an exception, a JSON value.
    """

    key: str
    is_new: bool = False
    is_open: bool = False
    answer: Any = None
    token: str = field(default_factory=lambda: os.urandom(16).hex(), repr=False)

    def begin(self, reply: Reply) -> None:
        """Raises: CallConflict, CallInProgress: the work may not be done now."""
        match reply.verdict:
            case "conflict":
                raise CallConflict(self.key)
            case "running":
                raise CallInProgress(self.key, timedelta(milliseconds=reply.value))
            case "answer":
                self.answer = from_json(reply.value)
            case _:
                self.is_new, self.is_open = True, reply.verdict == "again"

    def must_hold(self, is_ours: object) -> None:
        """Raises: CallLost: another attempt has the key."""
        if not is_ours:
            raise CallLost(self.key)


@dataclass(frozen=True, slots=True)
class Terms:
    """What `once` was given."""

    key: Chosen
    payload: Any
    lease: timedelta
    kept: timedelta

    def key_for(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
        """Raises: Invalid: it cannot be a key."""
        key = self.key(*arguments, **named) if callable(self.key) else self.key
        check_key(key)
        return key

    def begin(self, attempt: Attempt, arguments: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        """The arguments of `once_begin.lua`, after the time."""
        payload = self.payload(*arguments, **named) if callable(self.payload) else self.payload
        print_ = fingerprint("once", payload)
        return [attempt.key, print_, attempt.token, ms(self.lease), ms(self.kept)]

    def done(self, attempt: Attempt) -> list[Any]:
        """The arguments of `once_end.lua`, after the time, of an attempt that has succeeded.

        Raises:
            Invalid: its answer is not JSON.
        """
        try:
            answer = to_json(attempt.answer)
        except ValueError as error:
            raise Invalid(f"the answer of the call {attempt.key!r} is not JSON: {error}") from None
        return [attempt.key, attempt.token, "done", ms(self.kept), answer]

    def failed(self, attempt: Attempt) -> list[Any]:
        return [attempt.key, attempt.token, "failed", 0, ""]

    def renewed(self, attempt: Attempt) -> list[Any]:
        return [attempt.key, attempt.token, "running", ms(self.lease), ms(self.kept)]


def terms(key: Chosen, payload: Any, lease: timedelta, kept: timedelta) -> Terms:
    """Raises: Invalid: a key or a span that cannot be."""
    if not callable(key):
        check_key(key)
    for name, value in (("lease", lease), ("kept", kept)):
        if span(name, value) < timedelta(milliseconds=1):
            raise Invalid(f"{name} is how long the key is held or its answer kept: longer than nothing")
    return Terms(key, payload, lease, kept)


def ms(value: timedelta) -> int:
    return value // timedelta(milliseconds=1)
