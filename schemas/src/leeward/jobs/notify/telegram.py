"""The `notify` family: a message in a Telegram chat."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from leeward.jobs.job import Job, ProviderName

LONGEST_TEXT = 4096
LONGEST_MARKUP = 16_384
_FURTHEST = 2**52
ChatId = Annotated[int, Field(ge=-_FURTHEST, le=_FURTHEST)]
"""Of a chat, a group (negative) or a channel (`-100...`): at most 52 significant bits, says the Bot API of `Chat.id`."""
ChatName = Annotated[str, Field(pattern=r"^@[A-Za-z][A-Za-z0-9_]{3,31}$")]
"""Of a public channel or supergroup, as `@releases`."""


class NotifyTelegram(Job):
    """Sends a message to a chat.

    The Bot API has no idempotency key and no way to look a message up: when a crash or a lost answer leaves the outcome unknown, the job is
    parked for a person instead of being sent again.
    """

    kind: ClassVar[str] = "notify.telegram"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "notify"
    marks_effect: ClassVar[bool] = True

    provider: ProviderName = "telegram"
    text: str = Field(min_length=1, max_length=LONGEST_MARKUP, pattern=r"\S")
    """At most 4096 characters, after `parse_mode` was applied."""
    chat: ChatId | ChatName | None = None
    """Where to; None for the instance's own `chat`."""
    parse_mode: Literal["HTML", "MarkdownV2", "Markdown"] | None = None
    """A text whose marks cannot be read is sent once more, as it is."""
    topic: int | None = Field(default=None, ge=1)
    """The thread of a forum."""
    reply_to: int | None = Field(default=None, ge=1)
    """A message of the same chat; where it is gone, the text is sent without."""
    silent: bool = False
    """Without a sound."""
    protected: bool = False
    """Cannot be forwarded or saved."""
    link_preview: bool = True

    @model_validator(mode="after")
    def _is_short_enough(self) -> Self:
        if self.parse_mode is None and len(self.text) > LONGEST_TEXT:
            raise ValueError(f"a text without parse_mode has at most {LONGEST_TEXT} characters; send it in parts")
        return self
