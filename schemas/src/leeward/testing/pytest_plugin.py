"""The fixtures that come with the package. pytest imports this file in every project that has it, and with it nothing else of Leeward:
what a fixture needs is imported when a test asks for it. `-p no:leeward` switches it off.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from leeward.testing import FakeAsyncLeeward, FakeLeeward, RunningServer


@pytest.fixture
def fake_leeward() -> "FakeLeeward":
    """A fleet in memory, for this test alone: `Leeward` for the service, assertions and `run_all` for the test."""
    from leeward.testing import FakeLeeward

    return FakeLeeward()


@pytest.fixture
def fake_async_leeward(fake_leeward: "FakeLeeward") -> "FakeAsyncLeeward":
    """The same fleet for a service that awaits `AsyncLeeward`."""
    from leeward.testing import FakeAsyncLeeward

    return FakeAsyncLeeward(fleet=fake_leeward.fleet)


@pytest.fixture(scope="session")
def _leeward_server() -> Iterator["RunningServer"]:
    from leeward.testing import server

    with server() as running:
        yield running


@pytest.fixture
def leeward_server(_leeward_server: "RunningServer") -> Iterator["RunningServer"]:
    """A real Valkey, `leeward_server.url`: one for the whole session, empty for every test. It needs `leeward[testing]`."""
    yield _leeward_server
    _leeward_server.clear()
