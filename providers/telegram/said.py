"""What the Bot API says in an answer, as far as it can be relied upon: every part of it may be missing or of another shape."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from providers.http_client.answer import Answer
from providers.http_client.json_body import NotJson, parse_json
from providers.retry_after import LONGEST


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of the Bot API.

    Attributes:
        ok: whether it did what was asked.
        result: what it then answers with.
        code: its `error_code`, else the answer's status.
        description: its words.
        retry_after: how long to wait, where it says so.
        migrate_to: the supergroup that the group has become.
    """

    ok: bool
    result: Any
    code: int
    description: str
    retry_after: timedelta | None
    migrate_to: int | None


def said(answer: Answer) -> Said | None:
    """None for an answer that the Bot API did not write."""
    try:
        value = parse_json(answer.body)
    except NotJson:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("ok"), bool):
        return None
    parameters = value.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    description = value.get("description")
    return Said(
        ok=value["ok"],
        result=value.get("result"),
        code=_code(value.get("error_code"), answer.status),
        description=description if isinstance(description, str) else "",
        retry_after=_seconds(parameters.get("retry_after")),
        migrate_to=_integer(parameters.get("migrate_to_chat_id")),
    )


def _code(value: Any, status: int) -> int:
    code = _integer(value)
    return status if code is None or code < HTTPStatus.BAD_REQUEST else code


def _seconds(value: Any) -> timedelta | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return None
    return LONGEST if value >= LONGEST.total_seconds() else timedelta(seconds=value)


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
