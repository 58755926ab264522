from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from leeward.extension import Calls
from providers.telegram.bot import Bot
from providers.telegram.settings import TelegramSettings
from simulators.telegram.server import TelegramSimulator

Connect = Callable[..., Bot]


@pytest.fixture
def telegram() -> Iterator[TelegramSimulator]:
    """A simulated server on a port of its own."""
    with TelegramSimulator() as simulator:
        yield simulator


@pytest.fixture
def connect(telegram: TelegramSimulator) -> Iterator[Connect]:
    """Makes bots at the simulated server; options change their settings, which are not checked."""
    with ExitStack() as stack:

        def make(**options: Any) -> Bot:
            settings = TelegramSettings.model_validate({"url": telegram.url, "token": telegram.settings.token})
            bot = Bot(settings.model_copy(update=options), Calls("telegram"))
            stack.callback(bot.close)
            return bot

        yield make


@pytest.fixture
def bot(connect: Connect) -> Bot:
    return connect()
