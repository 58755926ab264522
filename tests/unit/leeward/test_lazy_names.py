"""A name that a package finds when it is first used is never that of a module in it: the import of the module would hide it."""

import importlib
import pkgutil
from types import ModuleType

import pytest

PACKAGES = ("leeward", "leeward_admin")


def lazy_packages() -> list[str]:
    found = []
    for root in map(importlib.import_module, PACKAGES):
        below = [one.name for one in pkgutil.walk_packages(root.__path__, f"{root.__name__}.") if one.ispkg]
        found += [name for name in (root.__name__, *below) if "__getattr__" in vars(importlib.import_module(name))]
    return found


def modules_of(package: ModuleType) -> set[str]:
    return {one.name for one in pkgutil.iter_modules(package.__path__)}


@pytest.mark.parametrize("name", lazy_packages())
def test_no_module_hides_a_name_that_is_found_lazily(name: str) -> None:
    package = importlib.import_module(name)

    assert set(dir(package)) & modules_of(package) == set()


def test_the_packages_are_found() -> None:
    assert {"leeward", "leeward_admin", "leeward_admin.jobs"} <= set(lazy_packages())
