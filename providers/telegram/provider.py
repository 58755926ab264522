"""A Telegram bot, as the fleet knows it."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from leeward.extension import Guards, Health, Provider
from leeward.jobs.notify.telegram import NotifyTelegram
from providers.telegram.settings import TelegramSettings

if TYPE_CHECKING:
    from providers.telegram.bot import Sent

_MOST_CALLS = 3
"""The message, once more under the chat's new number, and once more without its marks."""


class Telegram(Provider[TelegramSettings], type="telegram"):
    """One bot."""

    # Telegram asks for no more than about 30 messages a second of one bot.
    guards: ClassVar[Guards] = {"limit": 4, "rate": 25}

    def longest_call(self) -> timedelta:
        return self.settings.timeout * _MOST_CALLS

    def open(self) -> None:
        from providers.telegram.bot import Bot  # the HTTP client: not for a worker that has no bot

        self._bot = Bot(self.settings, self.context.call)

    def close(self) -> None:
        self._bot.close()

    def health(self) -> Health:
        return self._bot.health()

    def send(self, job: NotifyTelegram, begin_effect: Callable[[], None]) -> "Sent":
        """See `Bot.send`."""
        return self._bot.send(job, begin_effect)
