from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from leeward.extension import Calls
from providers.webhook.sender import Sender
from providers.webhook.settings import WebhookSettings
from simulators.webhook.server import SECRET, WebhookSimulator

Connect = Callable[..., Sender]


@pytest.fixture
def receiver() -> Iterator[WebhookSimulator]:
    """A simulated receiver on a port of its own."""
    with WebhookSimulator() as simulator:
        yield simulator


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes senders; options are their settings, and `resolver`."""
    with ExitStack() as stack:

        def make(*, inside: dict[str, Any] | None = None, **options: Any) -> Sender:
            settings = WebhookSettings.model_validate({"allow_private": True} | options)
            sender = Sender(settings, Calls("webhook"), **(inside or {}))
            stack.callback(sender.close)
            return sender

        yield make


@pytest.fixture
def sender(connect: Connect, receiver: WebhookSimulator) -> Sender:
    """One whose own receiver is the simulated one."""
    return connect(url=receiver.url, secret=SECRET)
