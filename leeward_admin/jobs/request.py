"""From what a person or a program wrote to a job of the contract."""

from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from leeward import Job, Priority, Request
from leeward.duration import parse_duration
from leeward.errors import Invalid
from leeward.jobs.kinds import KINDS
from storage.payloads.payload_problems import problems_of


class UnknownKind(Invalid):
    """Raised when no kind of job has this name.

    Attributes:
        kind: the name.
    """

    code = "unknown_kind"

    def __init__(self, kind: str, known: list[str]) -> None:
        close = get_close_matches(kind, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        super().__init__(f"there is no kind {kind!r}: {hint}")
        self.kind = kind


class InvalidPayload(Invalid):
    """Raised when a payload does not fit its kind. The text names fields, never values."""

    code = "invalid_payload"


def request_for(
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    delay: timedelta | str | None = None,
    priority: str | None = None,
    deadline: timedelta | str | None = None,
) -> Request:
    """The job of the newest version of a kind, with its options; durations may be text.

    Raises:
        UnknownKind, InvalidPayload, Invalid: with what to write instead; never shows a value of the payload.
    """
    model = newest_kind(kind)
    try:
        job = model.model_validate(payload)
    except ValidationError as error:
        raise InvalidPayload(f"this is not a valid {kind}: {problems_of(model, error)}") from None
    try:
        return Request(
            job,
            idempotency_key=key,
            delay=_duration(delay),
            priority=Priority(priority) if priority else None,
            deadline=_duration(deadline),
        )
    except ValueError as error:
        raise Invalid(str(error)) from None


def newest_kind(kind: str) -> type[Job]:
    """The model of the newest version of a kind.

    Raises:
        UnknownKind: there is no such kind.
    """
    versions = KINDS.versions(kind)
    if not versions:
        raise UnknownKind(kind, list(KINDS.names()))
    return versions[-1]


def _duration(value: str | timedelta | None) -> timedelta | None:
    return parse_duration(value) if isinstance(value, str) else value
