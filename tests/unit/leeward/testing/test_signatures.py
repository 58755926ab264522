"""A fake has every method of its original, with the same arguments: neither gains one without the other."""

import inspect
from typing import Any

import pytest

from leeward import AsyncLeeward, Leeward
from leeward.testing import FakeAsyncLeeward, FakeLeeward

PAIRS: list[tuple[type[Any], type[Any]]] = [(Leeward, FakeLeeward), (AsyncLeeward, FakeAsyncLeeward)]


def _public(original: type[Any]) -> list[tuple[str, Any]]:
    return [(name, member) for name, member in vars(original).items() if not name.startswith("_")]


CASES = [
    pytest.param(fake, name, member, id=f"{fake.__name__}.{name}")
    for original, fake in PAIRS
    for name, member in _public(original)
]


@pytest.mark.parametrize(("fake", "name", "member"), CASES)
def test_the_fake_has_a_method_of_its_own_with_the_same_arguments(fake: type[Any], name: str, member: Any) -> None:
    # One that it inherits would ask a server that is not there.
    assert name in vars(fake), f"{fake.__name__} does not answer {name}"
    if callable(member):
        assert inspect.signature(vars(fake)[name]) == inspect.signature(member)
        assert inspect.iscoroutinefunction(vars(fake)[name]) == inspect.iscoroutinefunction(member)
