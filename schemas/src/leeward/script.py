"""Loads and runs the Lua scripts: one verb a file, shared parts included by name."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import redis

from leeward.line import ask, ask_in_turn

_INCLUDE = re.compile(r"^-- include: (?:(?P<package>[\w.]+)/)?(?P<name>\w+\.lua)$", re.MULTILINE)
_EXPORTS = re.compile(r"^-- exports: (?P<names>\w+(?:, \w+)*)$", re.MULTILINE)


@cache
def source(package: str, name: str) -> str:
    """The text of a script, with each line `-- include: [package/]file.lua` replaced by that file.

    Of a file with a line `-- exports: one, other` only these functions can be seen by others: a script has room for 200 names.
    """
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    return _INCLUDE.sub(lambda found: _scoped(source(found["package"] or package, found["name"])), text)


def _scoped(text: str) -> str:
    exports = _EXPORTS.search(text)
    if exports is None:
        return text
    names = exports["names"].split(", ")
    body = re.sub(rf"^local function ({'|'.join(names)})\(", r"function \1(", text, flags=re.MULTILINE)
    # What most calls do not need is not even made: the first use of a name makes all of the file.
    stubs = "\n".join(f"{name} = function(...) make() return {name}(...) end" for name in names)
    return f"local {', '.join(names)}\ndo\nlocal function make()\n{body}\nend\n{stubs}\nend"


class Script:
    """One script, sent by its digest; the text follows only when the server does not have it (a restart, a failover)."""

    def __init__(self, package: str, name: str) -> None:
        self.text = source(package, name)
        self.digest = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, client: redis.Redis, root: str, arguments: Sequence[Any]) -> Any:
        """Runs the script on a provider's slot. `root` is `ProviderKeys.root`.

        Raises:
            redis.RedisError: the server could not be asked, or the script failed.
        """
        try:
            return ask(client, "EVALSHA", self.digest, 1, root, *arguments)
        except redis.exceptions.NoScriptError:
            return ask(client, "EVAL", self.text, 1, root, *arguments)

    def in_turn(self, client: redis.Redis, root: str, arguments: Iterable[Sequence[Any]]) -> Iterator[Any]:
        """Runs the script once for each list of arguments, the next on its way while the server works. The server must have it: run it
        once before.

        Raises:
            redis.RedisError: as for a single run; what has no answer yet may or may not have been run.
        """
        return ask_in_turn(client, (("EVALSHA", self.digest, 1, root, *some) for some in arguments))
