"""A Bot API server: `getMe` and `sendMessage`, with the answers of the server's source code.

Operations for fault rules are `METHOD /path`; the path has the token, so write `POST /bot*/sendMessage`.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict

from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.record import Record
from simulators.telegram.marks import plain, unreadable

_PATH = re.compile(r"/bot([^/]+)/([A-Za-z]+)")
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_LONGEST_TEXT = 4096
_BOT_ID = 123456


class Settings(BaseModel):
    """`chats` are those that the bot may write to, all where there is none; the rest are the ways of a chat to refuse."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: str = "123456:simulated-token"
    username: str = "simulated_bot"
    chats: list[int | str] = []
    migrated: dict[str, int] = {}
    """A group's number -> that of the supergroup that it has become."""
    blocked: list[int] = []
    kicked: list[int] = []
    deactivated: list[int] = []
    deleted: list[int] = []
    most_per_window: int | None = None
    """So many messages a chat takes within a window; further ones are refused with 429."""
    window_seconds: float = 1.0
    retry_after_seconds: int = 1


class TelegramSimulator:
    """One simulated server. `with TelegramSimulator() as telegram:` runs it on a free port."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | None = None,
        record: Record | None = None,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.faults = faults or FaultPlan()
        self.record = record or Record()
        self.settings = settings or Settings()
        self._clock = clock
        self._lock = threading.Lock()
        self._messages: list[Mapping[str, Any]] = []
        self._times: dict[int | str, list[float]] = {}
        self._server = HttpServer((host, port), self.respond, self.faults)

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def state(self) -> Mapping[str, Any]:
        with self._lock:
            return {"messages": [*self._messages]}

    def configure(self, settings: Mapping[str, Any]) -> None:
        self.settings = Settings.model_validate(self.settings.model_dump() | dict(settings))

    def respond(self, request: Request) -> Answer:
        """The server's answer to a request, without its faults. Thread-safe."""
        found = _PATH.fullmatch(request.path)
        if found is None:
            return _refusal(404, "Not Found")
        if not _TOKEN.fullmatch(found[1]):
            return _refusal(401, "Unauthorized: invalid token specified")
        if found[1] != self.settings.token:
            return _refusal(401, "Unauthorized")
        match found[2]:
            case "getMe":
                return _success(self._me())
            case "sendMessage":
                return self._send(_arguments(request))
        return _refusal(404, "Not Found: method not found")

    def _me(self) -> dict[str, Any]:
        return {"id": _BOT_ID, "is_bot": True, "first_name": "Simulated", "username": self.settings.username}

    def _send(self, asked: Mapping[str, Any]) -> Answer:
        chat = _chat(asked.get("chat_id"))
        for refusal in (self._refused_by(chat), _refused_text(asked), self._flood(chat)):
            if refusal is not None:
                return refusal
        with self._lock:
            message = self._message(len(self._messages) + 1, chat, asked)
            self._messages.append(message)
            self._times.setdefault(chat, []).append(self._clock())
        self.record.add("message_sent", chat=chat, text=message["text"], message_id=message["message_id"])
        return _success(message)

    def _refused_by(self, chat: int | str) -> Answer | None:
        settings = self.settings
        if chat == "":
            return _refusal(400, "Bad Request: chat_id is empty")
        if str(chat) in settings.migrated:
            to = settings.migrated[str(chat)]
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            return _refusal(400, text, migrate_to_chat_id=to)
        for refusing, words in (
            (settings.blocked, "bot was blocked by the user"),
            (settings.kicked, "bot was kicked from the supergroup chat"),
            (settings.deactivated, "user is deactivated"),
            (settings.deleted, "the group chat was deleted"),
        ):
            if chat in refusing:
                return _refusal(403, f"Forbidden: {words}")
        known = {*settings.chats, *settings.migrated.values()}
        return _refusal(400, "Bad Request: chat not found") if settings.chats and chat not in known else None

    def _flood(self, chat: int | str) -> Answer | None:
        most = self.settings.most_per_window
        if most is None:
            return None
        since = self._clock() - self.settings.window_seconds
        with self._lock:
            if sum(when > since for when in self._times.get(chat, ())) < most:
                return None
        seconds = self.settings.retry_after_seconds
        answer = _refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        return Answer(answer.status, answer.body, answer.content_type, {"Retry-After": str(seconds)})

    def _message(self, number: int, chat: int | str, asked: Mapping[str, Any]) -> dict[str, Any]:
        is_group = isinstance(chat, int) and chat < 0
        place = {"type": "supergroup", "title": "A group"} if is_group else {"type": "private", "first_name": "A"}
        return {
            "message_id": number,
            "from": self._me(),
            "chat": {"id": chat if isinstance(chat, int) else -1000000000001, **place},
            "date": int(time.time()),
            "text": plain(asked["text"], asked.get("parse_mode")),
        }


def _refused_text(asked: Mapping[str, Any]) -> Answer | None:
    text, parse_mode = str(asked.get("text") or ""), asked.get("parse_mode")
    if not text.strip():
        return _refusal(400, "Bad Request: message text is empty")
    if parse_mode is not None:
        if parse_mode not in {"HTML", "MarkdownV2", "Markdown"}:
            return _refusal(400, "Bad Request: unsupported parse_mode")
        if (wrong := unreadable(text, parse_mode)) is not None:
            return _refusal(400, f"Bad Request: can't parse entities: {wrong}")
    if len(plain(text, parse_mode)) > _LONGEST_TEXT:
        return _refusal(400, "Bad Request: message is too long")
    return None


def _arguments(request: Request) -> Mapping[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        sent = request.json()
        return sent if isinstance(sent, dict) else {}
    return {**request.query, **dict(parse_qsl(request.body.decode()))}


def _chat(value: Any) -> int | str:
    text = "" if value is None else str(value)
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else text


def _success(result: Any) -> Answer:
    return _json({"ok": True, "result": result}, 200)


def _refusal(code: int, description: str, **parameters: int) -> Answer:
    said: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return _json(said | ({"parameters": parameters} if parameters else {}), code)


def _json(value: object, status: int) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")


def create(host: str, port: int, faults: FaultPlan, record: Record, settings: Mapping[str, Any]) -> TelegramSimulator:
    """For `python -m simulators telegram`."""
    return TelegramSimulator(
        host=host, port=port, faults=faults, record=record, settings=Settings.model_validate(dict(settings))
    )
