from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import SecretStr

from providers.seerr.provider import Seerr
from providers.seerr.settings import SeerrSettings
from simulators.seerr.server import SeerrSimulator

Connect = Callable[..., Seerr]


@pytest.fixture
def server() -> Iterator[SeerrSimulator]:
    """A simulated server on a port of its own."""
    with SeerrSimulator() as simulator:
        yield simulator


@pytest.fixture
def connect(server: SeerrSimulator) -> Iterator[Connect]:
    """Opens instances of the simulated server; options change their settings."""
    with ExitStack() as stack:

        def make(**options: Any) -> Seerr:
            values = {"url": server.url, "api_key": SecretStr(server.settings.api_key)} | options
            made = Seerr("seerr", SeerrSettings.model_validate(values))
            made.open()
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def seerr(connect: Connect) -> Seerr:
    return connect()
