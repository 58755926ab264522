"""What the Bot API's answers mean. The code decides, and within 400 the description and the parameters do.

400 is its bucket for odd states of the server, too; a page was written by the edge before it, not by the Bot API.
"""

import re
from datetime import datetime
from http import HTTPStatus

from leeward.extension.errors import (
    Ambiguous,
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
)
from leeward.redaction import excerpt
from providers.http_client import in_between
from providers.http_client.answer import Answer
from providers.http_client.failures import Service
from providers.http_client.in_between import Meaning
from providers.http_client.json_body import NotJson, TooMuchJson, parse_json
from providers.retry_after import parse_retry_after
from providers.telegram.said import Said, said

SERVICE = Service("Telegram", credential="bot token")

_SENTENCE_LENGTH = 200
_ENHANCE_YOUR_CALM = 420
"""What Telegram's servers call a flood; the Bot API makes 429 of it."""
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_UNREADABLE_MARKS = re.compile(r"can.?t parse|parse.?mode|parse entit|find end of|unsupported start tag", re.IGNORECASE)
_NO_SUCH_CHAT = re.compile(r"chat not found|peer_id_invalid|chat_id is empty|user not found", re.IGNORECASE)
_FLOOD = re.compile(r"too many requests|flood", re.IGNORECASE)


class ChatMigrated(Permanent):
    """Raised when a group has become a supergroup.

    Attributes:
        to: its number now.
    """

    def __init__(self, message: str, *, to: int, status: int) -> None:
        super().__init__(message, status=status, condition="CHAT_MIGRATED")
        self.to = to


class ChatGone(Permanent):
    """Raised when a chat takes nothing from the bot any more: blocked, kicked, deleted, a person who left."""


class MarksUnreadable(Permanent):
    """Raised when a text's marks cannot be read in its `parse_mode`."""


def classify(answer: Answer, *, now: datetime) -> ProviderError | None:
    """The error that an answer means; None when the method did what was asked.

    Args:
        answer: read to its end.
        now: to read a `Retry-After` date.
    """
    wait = parse_retry_after(answer.headers.get("Retry-After"), now=now)
    reply = None if answer.is_html else said(answer)
    if reply is None:
        kind, words = _of_something_else(answer)
        return kind(f"Telegram answered {answer.status}: {words}", status=answer.status, retry_after=wait)
    if reply.ok and answer.is_success:
        return None
    if reply.migrate_to is not None:
        return ChatMigrated(_sentence(reply), to=reply.migrate_to, status=reply.code)
    kind, words, condition = _meaning(reply)
    return kind(words, status=reply.code, retry_after=reply.retry_after or wait, condition=condition)


def _meaning(reply: Said) -> tuple[type[ProviderError], str, str]:
    sentence = _sentence(reply)
    if reply.code in {HTTPStatus.TOO_MANY_REQUESTS, _ENHANCE_YOUR_CALM}:
        return RateLimited, sentence, ""
    if reply.code in _OF_AN_OPERATOR:
        kind, advice = _OF_AN_OPERATOR[reply.code]
        return kind, f"{sentence}: {advice}", ""
    if reply.code == HTTPStatus.FORBIDDEN:
        return ChatGone, f"{sentence}; the chat takes no messages of this bot", "CHAT_GONE"
    if reply.code in _PASSING or reply.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient, sentence, ""
    return _refusal(reply, sentence)


def _refusal(reply: Said, sentence: str) -> tuple[type[ProviderError], str, str]:
    if _FLOOD.search(reply.description):
        return RateLimited, sentence, ""
    if _UNREADABLE_MARKS.search(reply.description):
        return MarksUnreadable, sentence, "BAD_REQUEST"
    if _NO_SUCH_CHAT.search(reply.description):
        return (
            Permanent,
            f"{sentence}; a person must write to the bot first, a group or channel must have it",
            "NOT_FOUND",
        )
    return Permanent, sentence, ""


_OF_AN_OPERATOR: dict[int, tuple[type[ProviderError], str]] = {
    HTTPStatus.UNAUTHORIZED: (AuthFailed, "the token is wrong or was revoked; ask @BotFather for a new one"),
    HTTPStatus.NOT_FOUND: (Misconfigured, "check the token, and the URL where it is not Telegram's own"),
    HTTPStatus.METHOD_NOT_ALLOWED: (Misconfigured, "check the URL"),
    HTTPStatus.CONFLICT: (Misconfigured, "another program uses the token in a way that excludes this one"),
    HTTPStatus.MISDIRECTED_REQUEST: (Misconfigured, "this Bot API server does not serve the token; check the URL"),
}


def _of_something_else(answer: Answer) -> Meaning:
    """The edge before the Bot API, a portal, or another service in its place."""
    if answer.is_success and answer.is_json and _is_broken(answer):
        return Ambiguous, "JSON that is invalid or incomplete"
    if answer.is_success:
        what = excerpt(answer.media_type or "no content type", _SENTENCE_LENGTH)
        return Misconfigured, f"{what} that is not what the Bot API says; check the URL"
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return in_between.redirect_meaning(answer, SERVICE)
    if not answer.body.strip() and answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return AuthFailed, "the token is refused, without a word"
    return in_between.meaning(answer, SERVICE)


def _is_broken(answer: Answer) -> bool:
    """An answer that began as the Bot API's do and was cut off in between: what the method did, it has done."""
    if not answer.body.lstrip().startswith(b"{"):
        return False
    try:
        parse_json(answer.body)
    except TooMuchJson:
        return False
    except NotJson:
        return True
    return False


def _sentence(reply: Said) -> str:
    words = excerpt(reply.description, _SENTENCE_LENGTH) or "no explanation"
    return f"Telegram answered {reply.code}: {words}"
