"""A dead letter as a JSON object, for people and other programs."""

import base64
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from storage.dead_letters.letter.views import Detail
from storage.payloads.message import member, payload_of
from storage.payloads.redaction import redacted


def document(letter: Detail) -> dict[str, Any]:
    """Everything about a dead letter in JSON types; messages in Base64: `message_base64`, and `edited_message_base64` where there is one.

    Fields that count as secret by now are hidden, also when the row was written by a release that did not know.
    """
    kept = redacted(letter.message)
    edited = None if letter.edited_message is None else redacted(letter.edited_message)
    found = asdict(letter) | {
        "error": kept.scrub(letter.error),
        "error_message": kept.scrub(letter.error_message),
        "progress": kept.scrub(letter.progress),
        "message_base64": base64.b64encode(kept.message).decode(),
        "edited_message_base64": None if edited is None else base64.b64encode(edited.message).decode(),
    }
    del found["message"], found["edited_message"]
    if edited is not None and edited.message != letter.edited_message and edited.body is not None:
        found["edited_payload"] = payload_of(edited.body)
    if kept.message != letter.message and kept.body is not None:
        found |= {"payload": payload_of(kept.body), "options": member(kept.body, "options")}
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
    return value
