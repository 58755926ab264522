"""Bytes as a message that can be handed to Dramatiq without a surprise."""

from typing import Any

from dramatiq import Message
from dramatiq.errors import DecodeError

_SHAPE: tuple[tuple[str, type | tuple[type, ...]], ...] = (
    ("queue_name", str),
    ("actor_name", str),
    ("message_id", str),
    ("args", (list, tuple)),
    ("message_timestamp", (int, float)),
    ("kwargs", dict),
    ("options", dict),
)


def decode(data: bytes) -> "Message[Any]":
    """The message, with every field of the type that Dramatiq's threads rely on: one that is not would end them, not the job.

    Raises:
        DecodeError: no message, or one of another shape.
    """
    message = Message.decode(data)
    for name, kind in _SHAPE:
        if not isinstance(getattr(message, name), kind):
            raise DecodeError(f"`{name}` of the message is not of type {_name(kind)}", data, None)
    if not _are_exceptions(message.options.get("throws")):
        raise DecodeError("the option `throws` of the message must name exception types", data, None)
    return message


def _name(kind: type | tuple[type, ...]) -> str:
    return " or ".join(one.__name__ for one in kind) if isinstance(kind, tuple) else kind.__name__


def _are_exceptions(throws: object) -> bool:
    if throws is None:
        return True
    kinds = throws if isinstance(throws, tuple) else (throws,)
    return all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds)
