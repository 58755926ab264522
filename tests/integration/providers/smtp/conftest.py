from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from providers.smtp.config import SmtpConfig, Tls
from providers.smtp.mailer import Mailer
from simulators.mail.server import MailSimulator, Settings


@pytest.fixture
def mail() -> Iterator[MailSimulator]:
    """A simulated relay on a port of its own."""
    with MailSimulator(settings=Settings(keep_content=True)) as simulator:
        yield simulator


@pytest.fixture
def connect(mail: MailSimulator) -> Iterator[Callable[..., Mailer]]:
    """Makes mailers of the simulated relay; options change their configuration."""
    with ExitStack() as stack:

        def make(**options: Any) -> Mailer:
            values: dict[str, Any] = {
                "host": "127.0.0.1",
                "port": mail.port,
                "tls": Tls.NONE,
                "sender": "fleet@example.org",
                "local_name": "worker.example.org",
                "command_timeout": timedelta(seconds=10),
                "final_reply_timeout": timedelta(seconds=10),
            }
            mailer = Mailer(SmtpConfig(**values | options))
            stack.callback(mailer.close_this_thread)
            return mailer

        yield make


@pytest.fixture
def mailer(connect: Callable[..., Mailer]) -> Mailer:
    return connect()
