"""Names of a package that are imported from their modules when they are first used: who needs one of them does not wait for the others."""

from collections.abc import Callable, Mapping
from importlib import import_module
from sys import modules as _loaded
from typing import Any


def lazy_names(
    package: str, modules: Mapping[str, str], *, former: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """A package's `__getattr__` and `__dir__` (PEP 562).

    Args:
        package: its `__name__`.
        modules: module -> the names that come from it, with spaces between them.
        former: names of former releases -> what they are called now.
    """
    former = former or {}
    module_of = {name: module for module, names in modules.items() for name in names.split()}

    def get(name: str) -> Any:
        wanted = former.get(name, name)
        if wanted not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(module_of[wanted]), wanted)
        # The next use finds it at once.
        setattr(_loaded[package], name, found)
        return found

    return get, lambda: sorted({*module_of, *former})
