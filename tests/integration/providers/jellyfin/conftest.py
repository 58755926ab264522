from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import SecretStr

from providers.jellyfin.config import JellyfinConfig
from providers.jellyfin.user_directory import UserDirectory
from simulators.jellyfin.server import JellyfinSimulator


@pytest.fixture
def jellyfin() -> Iterator[JellyfinSimulator]:
    """A simulated server on a port of its own."""
    with JellyfinSimulator() as simulator:
        yield simulator


@pytest.fixture
def connect(jellyfin: JellyfinSimulator) -> Iterator[Callable[..., UserDirectory]]:
    """Makes directories of the simulated server; options change their configuration."""
    with ExitStack() as stack:

        def make(**options: Any) -> UserDirectory:
            values: dict[str, Any] = {"url": jellyfin.url, "token": SecretStr(jellyfin.settings.token)} | options
            return stack.enter_context(UserDirectory(JellyfinConfig(**values)))

        yield make


@pytest.fixture
def directory(connect: Callable[..., UserDirectory]) -> UserDirectory:
    return connect()
