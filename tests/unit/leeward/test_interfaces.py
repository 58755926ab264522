"""`AsyncLeeward` has every method of `Leeward`, with the same signature."""

import inspect
from typing import Any

import pytest

from leeward import AsyncLeeward, Leeward

RENAMED = {"__enter__": "__aenter__", "__exit__": "__aexit__"}


def methods(client: type[Any]) -> dict[str, Any]:
    named = {**vars(client)}
    return {
        name: named[name]
        for name in named
        if not name.startswith("_") or name in {*RENAMED, *RENAMED.values(), "__init__"}
    }


def test_both_clients_have_the_same_methods() -> None:
    assert {RENAMED.get(name, name) for name in methods(Leeward)} == set(methods(AsyncLeeward))


@pytest.mark.parametrize("name", sorted(methods(Leeward)))
def test_a_method_has_the_same_signature_in_both(name: str) -> None:
    ours, awaited = getattr(Leeward, name), getattr(AsyncLeeward, RENAMED.get(name, name))

    assert inspect.signature(ours) == inspect.signature(awaited)
    if name != "__init__":
        assert inspect.iscoroutinefunction(awaited)
