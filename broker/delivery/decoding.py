"""Bytes as a message that can be handed to Dramatiq without a surprise."""

from itertools import product
from operator import attrgetter
from typing import Any

from dramatiq import Message
from dramatiq.errors import DecodeError

_SHAPE: dict[str, tuple[type, ...]] = {
    "queue_name": (str,),
    "actor_name": (str,),
    "message_id": (str,),
    "args": (list, tuple),
    "message_timestamp": (int, float),
    "kwargs": (dict,),
    "options": (dict,),
}
_fields = attrgetter(*_SHAPE)
# Every job passes here: the types of all fields are looked up at once.
_SOUND = frozenset(product(*_SHAPE.values()))


def decode(data: bytes) -> "Message[Any]":
    """The message, with every field of the type that Dramatiq's threads rely on: one that is not would end them, not the job.

    Raises:
        DecodeError: no message, or one of another shape.
    """
    message = Message.decode(data)
    if tuple(map(type, _fields(message))) not in _SOUND:
        for name, kinds in _SHAPE.items():
            if not isinstance(getattr(message, name), kinds):
                raise DecodeError(f"`{name}` of the message is not of type {_name(kinds)}", data, None)
    if "throws" in message.options and not _are_exceptions(message.options["throws"]):
        raise DecodeError("the option `throws` of the message must name exception types", data, None)
    return message


def _name(kinds: tuple[type, ...]) -> str:
    return " or ".join(kind.__name__ for kind in kinds)


def _are_exceptions(throws: object) -> bool:
    if throws is None:
        return True
    kinds = throws if isinstance(throws, tuple) else (throws,)
    return all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds)
