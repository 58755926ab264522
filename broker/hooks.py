"""Which middleware really has something to do at a signal."""

from collections.abc import Callable, Sequence
from typing import Any

from dramatiq.middleware import Middleware


class Hooks:
    """Dramatiq calls every hook of every middleware, mostly empty ones. This remembers, per signal, the ones that were overridden.

    A list that was changed behind our back, as Dramatiq's documentation suggests, is noticed.
    """

    def __init__(self) -> None:
        self._of: list[Middleware] = []
        self._overridden: dict[str, list[tuple[Middleware, Callable[..., Any]]]] = {}

    def at(self, signal: str, middleware: Sequence[Middleware]) -> list[tuple[Middleware, Callable[..., Any]]]:
        """The overridden hooks for `before_...` or `after_...`, in the order of the list."""
        if middleware != self._of:
            self._of, self._overridden = list(middleware), {}
        hooks = self._overridden.get(signal)
        if hooks is None:
            hooks = self._overridden[signal] = [
                (one, getattr(one, signal)) for one in middleware if not _is_empty(one, signal)
            ]
        return hooks


def _is_empty(middleware: Middleware, signal: str) -> bool:
    hook = getattr(middleware, signal)
    return getattr(hook, "__func__", None) is getattr(Middleware, signal, object())
