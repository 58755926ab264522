"""Where `leeward.once` records its attempts."""

from typing import Any, Protocol

from leeward.idempotent_call.terms import Reply


class Calls(Protocol):
    """The arguments are those of `once_begin.lua` and `once_end.lua`."""

    def begin(self, arguments: list[Any]) -> Reply: ...
    def end(self, arguments: list[Any]) -> bool: ...
