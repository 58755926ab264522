"""A fake has the methods of its original, and answers each itself."""

import pytest

from leeward import AsyncLeeward, Leeward
from leeward.client.core import Core
from leeward.testing import FakeAsyncLeeward, FakeLeeward
from leeward.testing.fake.answers import Answers

OPERATIONS = [name for name in vars(Core) if not name.startswith("_")]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_answered_without_a_server(name: str) -> None:
    assert name in vars(Answers), f"a fake would ask a server for {name}"


@pytest.mark.parametrize(("original", "fake"), [(Leeward, FakeLeeward), (AsyncLeeward, FakeAsyncLeeward)])
def test_a_fake_changes_no_method_of_its_original_but_how_it_is_closed(original: type, fake: type) -> None:
    assert {name for name in vars(fake) if name in vars(original) and not name.startswith("_")} == {"close"}
