"""The settings of a Telegram bot, in `[providers.NAME]` or as `LEEWARD_TELEGRAM_TOKEN` and so on."""

import re
from datetime import timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from leeward.jobs.notify.telegram import ChatId, ChatName
from providers.setting_values import CaFile, ProxyUrl, WebUrl

PUBLIC_URL = "https://api.telegram.org"
SHORTEST_ANSWER = timedelta(seconds=10)
"""A server under flood control may hold its answer for seconds, and a lost one leaves the message's outcome unknown."""
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")


class TelegramSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: SecretStr = Field(title="What the bot signs in with", description="the token that @BotFather gave")
    chat: ChatId | ChatName | None = Field(
        None,
        title="Where messages go whose job names no chat",
        description="the number of a chat or the @name of a channel",
    )
    url: WebUrl = Field(
        PUBLIC_URL,
        title="Where the Bot API is",
        description="the address of a Bot API server of your own",
        repr=False,
    )
    timeout: timedelta = Field(
        timedelta(seconds=60),
        ge=SHORTEST_ANSWER,
        le=timedelta(minutes=10),
        title="How long one call may take in all",
        description="a duration from 10s to 10m",
    )
    connect_timeout: timedelta = Field(
        timedelta(seconds=5),
        gt=timedelta(0),
        le=timedelta(minutes=1),
        title="How long connecting may take",
        description="a duration up to 1m",
    )
    answer_timeout: timedelta = Field(
        timedelta(seconds=20),
        ge=SHORTEST_ANSWER,
        le=timedelta(minutes=5),
        title="How long an answer may take to begin, and each piece of it",
        description="a duration from 10s to 5m",
    )
    gone_for: timedelta = Field(
        timedelta(hours=1),
        ge=timedelta(0),
        le=timedelta(days=7),
        title="How long a chat is left alone that has blocked the bot",
        description="a duration up to 7d; 0s asks each time",
    )
    ca_file: CaFile | None = Field(
        None,
        title="Which authorities are trusted besides those of the system",
        description="the path of a file of certificates to trust besides",
    )
    proxy: ProxyUrl | None = Field(
        None, title="Through which proxy it is reached", description="the address of an HTTP proxy"
    )

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, token: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("is not a bot's token; write it as @BotFather gave it, 123456:ABC-DEF")
        return token

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        if self.timeout < self.answer_timeout:
            raise ValueError("timeout must not be shorter than answer_timeout")
        return self
