"""The webhooks of a simulated Seerr: one POST, never repeated, with all ids as texts and what is absent as an empty text or null."""

import http.client
import json
import threading
from typing import Any
from urllib.parse import urlsplit

from simulators.record import Record
from simulators.seerr.titles import MediaRequest, MediaStatus

_TIMEOUT_SECONDS = 5


def body_of(notification_type: str, request: MediaRequest | None) -> dict[str, Any]:
    """The default template, filled in."""
    return {
        "notification_type": notification_type,
        "event": notification_type.replace("_", " ").title() if request else "",
        "subject": "Something (2026)" if request else "Test Notification",
        "message": "Ein Film über Äpfel" if request else "Check check, 1, 2, 3. Are we coming in clear?",
        "image": "",
        "media": None if request is None else _media(request),
        "request": None if request is None else _request(request),
        "issue": None,
        "comment": None,
        "extra": [],
    }


def send(url: str, header: str, secret: str, body: dict[str, Any], record: Record) -> threading.Thread:
    """Posts it from a thread of its own, and records what was answered."""

    def post() -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=_TIMEOUT_SECONDS)
        headers = {"Content-Type": "application/json"} | ({header: secret} if secret else {})
        try:
            connection.request("POST", parts.path or "/", json.dumps(body, ensure_ascii=False).encode(), headers)
            status: int | None = connection.getresponse().status
        except OSError:
            status = None
        finally:
            connection.close()
        record.add("webhook_sent", type=body["notification_type"], status=status)

    thread = threading.Thread(target=post, daemon=True)
    thread.start()
    return thread


def _media(request: MediaRequest) -> dict[str, str]:
    title = request.title
    return {
        "media_type": title.media_type,
        "tmdbId": str(title.tmdb_id),
        "tvdbId": "",
        "status": MediaStatus(title.status[False]).name,
        "status4k": MediaStatus(title.status[True]).name,
    }


def _request(request: MediaRequest) -> dict[str, str]:
    return {
        "request_id": str(request.id),
        "requestedBy_email": f"user{request.user_id}@example.org",
        "requestedBy_username": f"user{request.user_id}",
        "requestedBy_avatar": "",
        "requestedBy_settings_discordId": "",
        "requestedBy_settings_telegramChatId": "",
    }
