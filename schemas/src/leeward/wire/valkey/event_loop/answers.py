"""Reads a server's answers, protocol 2 or 3, as their bytes come."""

from collections.abc import Callable
from typing import Any, Protocol

import redis
from redis.connection import DefaultParser

hiredis: Any
try:
    import hiredis
except ImportError:  # the contract's package does without
    hiredis = None

_error_of: Callable[[str], redis.RedisError] = DefaultParser.parse_error
INCOMPLETE = object()
"""There is no whole answer yet."""
_END = b"\r\n"
_NO_ANSWER = object()
_CONSTANTS = {b"_": None, b"#t": True, b"#f": False}
_NUMBERS: dict[int, Callable[[bytes], Any]] = {ord(":"): int, ord("("): int, ord(","): float}


class Answers(Protocol):
    """What comes is fed in; answers come out in their order, errors of the server as exceptions among them."""

    def feed(self, data: bytes, /) -> object: ...
    def gets(self) -> Any: ...


def answers() -> Answers:
    """Hiredis where it is installed."""
    if hiredis is None:
        return PlainAnswers()
    reader: Answers = hiredis.Reader(
        protocolError=redis.InvalidResponse, replyError=_error_of, notEnoughData=INCOMPLETE
    )
    return reader


def is_push(answer: object) -> bool:
    """Whether it is a message of the server's own, and not an answer to a command."""
    return hiredis is not None and isinstance(answer, hiredis.PushNotification)


class PlainAnswers:
    """The same in Python."""

    def __init__(self) -> None:
        self._data = b""
        self._at = 0

    def feed(self, data: bytes, /) -> None:
        self._data, self._at = self._data[self._at :] + data, 0

    def gets(self) -> Any:
        while True:
            began = self._at
            try:
                answer = self._next()
            except _Incomplete:
                self._at = began
                return INCOMPLETE
            if answer is not _NO_ANSWER:
                return answer

    def _next(self) -> Any:
        line = self._until(self._data.find(_END, self._at))
        kind, rest = line[:1], line[1:]
        if line in _CONSTANTS:
            return _CONSTANTS[line]
        if kind in b":(,":
            return _NUMBERS[kind[0]](rest)
        if kind == b"+":
            return rest
        if kind == b"-":
            return _refusal(rest)
        return self._long(kind, int(rest))

    def _long(self, kind: bytes, length: int) -> Any:
        """What consists of so many bytes, or of so many answers."""
        if length < 0:
            return None
        if kind in b"$=!":
            text = self._until(self._at + length)
            return _refusal(text) if kind == b"!" else text[4:] if kind == b"=" else text
        if kind in b"%|":
            found = {self._next(): self._next() for _ in range(length)}
            return found if kind == b"%" else _NO_ANSWER
        if kind not in b"*~>":
            raise redis.InvalidResponse(f"Protocol Error: {kind!r}")
        parts = [self._next() for _ in range(length)]
        return _NO_ANSWER if kind == b">" else parts

    def _until(self, end: int) -> bytes:
        if end < 0 or len(self._data) < end + len(_END):
            raise _Incomplete
        found, self._at = self._data[self._at : end], end + len(_END)
        return found


def _refusal(text: bytes) -> redis.RedisError:
    return _error_of(text.decode(errors="replace"))


class _Incomplete(Exception):
    """Raised inside, where an answer has not come to its end."""
