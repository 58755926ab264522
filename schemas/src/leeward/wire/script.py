"""Runs the Lua scripts: one verb a file."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import redis

from leeward.wire.script_source import source
from leeward.wire.steps import Ask, AskInTurn, Steps
from leeward.wire.valkey.thread_connection import ask


class Script:
    """One script, sent by its digest; the text follows only when the server does not have it (a restart, a failover).

    It is put together when it is first run: a process uses a few of all scripts, and each takes milliseconds.
    """

    def __init__(self, package: str, name: str) -> None:
        self._place = (package, name)

    @cached_property
    def text(self) -> str:
        return source(*self._place)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, client: redis.Redis, root: str, arguments: Sequence[Any]) -> Any:
        """Runs the script on a provider's slot. `root` is `ProviderKeys.root`.

        Raises:
            redis.RedisError: the server could not be asked, or the script failed.
        """
        try:
            return ask(client, "EVALSHA", self.digest, 1, root, *arguments)
        except redis.exceptions.NoScriptError:
            return ask(client, "EVAL", self.text, 1, root, *arguments)

    def steps(self, root: str, arguments: Sequence[Any]) -> Steps[Any]:
        """The same as steps of an operation."""
        try:
            return (yield Ask(("EVALSHA", self.digest, 1, root, *arguments)))
        except redis.exceptions.NoScriptError:
            return (yield Ask(("EVAL", self.text, 1, root, *arguments)))

    def steps_in_turn(self, root: str, arguments: Iterable[Sequence[Any]]) -> Steps[list[Any]]:
        """Runs the script once for each list of arguments, the next on its way while the server works. The server must have it: run it
        once before.

        Raises:
            redis.RedisError: as for a single run; what has no answer yet may or may not have been run.
        """
        answers: list[Any] = yield AskInTurn(("EVALSHA", self.digest, 1, root, *some) for some in arguments)
        return answers
