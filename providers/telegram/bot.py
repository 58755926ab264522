"""One bot: its messages, and the chats that they go to."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from leeward.extension import Calls, Health, Permanent
from leeward.jobs.notify.telegram import NotifyTelegram
from leeward.redaction import excerpt, hide_credentials
from providers.http_client.client import Bounds, Client
from providers.http_client.exchange import exchange
from providers.http_client.proxy import proxy_address
from providers.telegram.answers import SERVICE, ChatGone, ChatMigrated, MarksUnreadable, classify
from providers.telegram.chats import Chat, Chats
from providers.telegram.said import said
from providers.telegram.settings import TelegramSettings
from providers.trust import trust

_ANSWER_BYTES = 256 * 1024
_CONNECTIONS = 8
_NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Sent:
    """A message in its chat.

    Attributes:
        chat: where it is.
        message_id: its number there, None where the answer holds none.
        migrated_from: the group that the job named, where that has become the supergroup `chat`.
        marks_dropped: its marks could not be read: it was sent as it is.
    """

    chat: Chat
    message_id: int | None
    migrated_from: Chat | None = None
    marks_dropped: bool = False


class Bot:
    """Safe to use from any number of threads. Close it when done."""

    def __init__(
        self,
        settings: TelegramSettings,
        calls: Calls,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._calls = calls
        self._now = now
        self._chats = Chats(settings.gone_for, clock)
        self._token = settings.token.get_secret_value()
        hide_credentials([self._token])
        proxy = None if settings.proxy is None else proxy_address(settings.proxy.get_secret_value())
        self._client = Client(trust=trust(settings.ca_file), proxy=proxy, max_connections=_CONNECTIONS)

    def send(self, job: NotifyTelegram, begin_effect: Callable[[], None]) -> Sent:
        """Sends a job's message. `begin_effect` is called before it may be there.

        A group that has become a supergroup is asked again under its new number; a text whose marks cannot be read is sent as it is. Either
        happens once.

        Raises:
            Permanent: there is no chat, or it refuses: `TELEGRAM_CHAT_GONE` where it does for good.
            Ambiguous: the answer was lost.
            ProviderError: any other class of failure; see `providers.telegram.answers`.
        """
        wanted = self._chat(job)
        chat = self._chats.current(wanted)
        if self._chats.is_gone(chat):
            raise ChatGone("the chat refused this bot lately, and is not asked now", condition="CHAT_GONE")
        begin_effect()
        payload = {"chat_id": chat, **_payload(job)}
        try:
            result = self._delivered(wanted, payload)
        except ChatGone:
            self._chats.gone(payload["chat_id"])
            raise
        return Sent(
            chat=payload["chat_id"],
            message_id=_message_id(result),
            migrated_from=None if payload["chat_id"] == wanted else wanted,
            marks_dropped=job.parse_mode is not None and "parse_mode" not in payload,
        )

    def health(self) -> Health:
        """Healthy means that `getMe` names a bot.

        Raises:
            ProviderError: the Bot API refuses the token, or gives no answer.
        """
        found = self._result("getMe", {}, repeatable=True)
        if not isinstance(found, dict) or found.get("is_bot") is not True:
            return Health.unhealthy("the answer names no bot; check the URL")
        return Health.healthy(f"@{excerpt(str(found.get('username')), _NAME_LENGTH)}")

    def close(self) -> None:
        """Ends every connection."""
        self._client.close()

    def _chat(self, job: NotifyTelegram) -> Chat:
        chat = job.chat if job.chat is not None else self._settings.chat
        if chat is None:
            raise Permanent("the job names no chat, and the instance has none in its settings", condition="BAD_REQUEST")
        return chat

    def _delivered(self, wanted: Chat, payload: dict[str, Any]) -> Any:
        """Changes the payload to what was delivered."""
        has_moved = False
        while True:
            try:
                with self._calls("send_message"):
                    return self._result("sendMessage", payload, repeatable=False)
            except ChatMigrated as migration:
                if has_moved:
                    raise
                has_moved, payload["chat_id"] = True, migration.to
                self._chats.moved(wanted, migration.to)
            except MarksUnreadable:
                if payload.pop("parse_mode", None) is None:
                    raise

    def _result(self, method: str, payload: Mapping[str, Any], *, repeatable: bool) -> Any:
        answer = exchange(
            self._client,
            SERVICE,
            "POST",
            httpx.URL(f"{self._settings.url}/bot{self._token}/{method}"),
            headers={"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "leeward"},
            content=orjson.dumps(payload),
            bounds=self._bounds(),
            repeatable=repeatable,
            secrets=[self._token],
        )
        failure = classify(answer, now=self._now())
        if failure is not None:
            raise failure
        reply = said(answer)
        return None if reply is None else reply.result

    def _bounds(self) -> Bounds:
        settings = self._settings
        return Bounds(
            connect=settings.connect_timeout,
            answer=settings.answer_timeout,
            total=settings.timeout,
            body_bytes=_ANSWER_BYTES,
        )


def _payload(job: NotifyTelegram) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "text": job.text,
        "parse_mode": job.parse_mode,
        "message_thread_id": job.topic,
        "disable_notification": job.silent or None,
        "protect_content": job.protected or None,
        "link_preview_options": None if job.link_preview else {"is_disabled": True},
        "reply_parameters": None
        if job.reply_to is None
        else {"message_id": job.reply_to, "allow_sending_without_reply": True},
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _message_id(result: Any) -> int | None:
    found = result.get("message_id") if isinstance(result, dict) else None
    return found if isinstance(found, int) else None
