from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from leeward.extension import Calls
from providers.kuma.client import KumaClient
from providers.kuma.settings import KumaSettings
from simulators.kuma.server import KumaSimulator

Connect = Callable[..., KumaClient]


@pytest.fixture
def kuma() -> Iterator[KumaSimulator]:
    """A simulated Uptime Kuma on a port of its own."""
    with KumaSimulator() as simulator:
        yield simulator


@pytest.fixture
def connect(kuma: KumaSimulator) -> Iterator[Connect]:
    """Makes clients of it; options are their settings, and `inside` their clocks."""
    with ExitStack() as stack:

        def make(*, inside: dict[str, Any] | None = None, **options: Any) -> KumaClient:
            settings = KumaSettings.model_validate({"url": kuma.url, "metrics_key": "uk1_simulated"} | options)
            client = KumaClient(settings, Calls("kuma"), **(inside or {}))
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def client(connect: Connect) -> KumaClient:
    return connect()
