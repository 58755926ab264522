"""The actor of messages in Telegram."""

from dataclasses import asdict
from typing import Any

from leeward.extension import Extension, actor, begin_effect, emit_event
from leeward.jobs.notify.telegram import NotifyTelegram
from providers.telegram.provider import Telegram

MIGRATED = "telegram.chat_migrated"


@actor(NotifyTelegram, provider=Telegram, retry_preset="standard", unknown_outcome="park")
def notify_telegram(job: NotifyTelegram, telegram: Telegram) -> dict[str, Any]:
    """Sends a message. Its result is a `providers.telegram.bot.Sent`, without what is empty."""
    sent = telegram.send(job, begin_effect)
    if sent.migrated_from is not None:
        emit_event(MIGRATED, provider=telegram.name, chat=sent.migrated_from, to=sent.chat)
    return {name: value for name, value in asdict(sent).items() if value is not None and value is not False}


extension = Extension(
    "telegram",
    api=1,
    providers=[Telegram],
    actors=[notify_telegram],
    events={
        MIGRATED: "A group that a job named has become a supergroup; the message went there. Data: provider, chat, to.",
    },
)
