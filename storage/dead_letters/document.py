"""A dead letter as a JSON object, for people and other programs."""

import base64
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from storage.dead_letters.stored import Detail
from storage.message import member, payload_of
from storage.redaction import redacted


def document(letter: Detail) -> dict[str, Any]:
    """Everything about a dead letter in JSON types; the message in Base64, as `message_base64`.

    Fields that count as secret by now are hidden, also when the row was written by a release that did not know.
    """
    kept = redacted(letter.message)
    found = asdict(letter) | {
        "error": kept.scrub(letter.error),
        "error_message": kept.scrub(letter.error_message),
        "progress": kept.scrub(letter.progress),
        "message_base64": base64.b64encode(kept.message).decode(),
    }
    del found["message"]
    if kept.removed and kept.body is not None:
        found |= {"payload": payload_of(kept.body), "options": member(kept.body, "options")}
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
    return value
