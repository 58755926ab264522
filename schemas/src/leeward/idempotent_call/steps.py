"""A call that is made once, as steps of an operation."""

from typing import Any

from leeward.idempotent_call.terms import Reply
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from leeward.wire.steps import Steps, persistently

HOME = ProviderKeys("once").root
"""Calls belong to no provider; their keys have a slot of their own."""

_begin = Script("leeward.wire.scripts", "once_begin.lua")
_end = Script("leeward.wire.scripts", "once_end.lua")


def begin_call(arguments: list[Any]) -> Steps[Reply]:
    """Raises: Unavailable: Valkey cannot be reached; beginning again with the same token is safe."""
    verdict, *value = yield from persistently(lambda _: _begin.steps(HOME, ["", *arguments]))
    return Reply(verdict.decode(), *value)


def end_call(arguments: list[Any]) -> Steps[bool]:
    """False when another attempt has the key.

    Raises:
        Unavailable: Valkey cannot be reached; what became of the attempt may or may not be stored.
    """
    return bool((yield from persistently(lambda _: _end.steps(HOME, ["", *arguments]))))
