"""From what a person or a program wrote to a job of the contract."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError

from leeward import Job, Request
from leeward.duration import parse_duration
from leeward.errors import Invalid
from leeward.jobs.kinds import KINDS
from leeward.jobs.priority import priority_of
from storage.payloads.payload_problems import problems_of

Span = TypeVar("Span", timedelta, timedelta | datetime)


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
    deadline: timedelta | datetime | str | None = None,
    partition: str | None = None,
    run_at: datetime | str | None = None,
    request_id: str | None = None,
    traceparent: str | None = None,
    tags: Sequence[str] = (),
) -> Request:
    """The job of the newest version of a kind, with its options; durations and instants may be text.

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
            priority=priority_of(priority) if priority else None,
            deadline=_duration(deadline),
            partition=partition,
            run_at=_instant(run_at),
            request_id=request_id,
            traceparent=traceparent,
            tags=tags,
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


def _duration(value: str | Span | None) -> timedelta | Span | None:
    return parse_duration(value) if isinstance(value, str) else value


def _instant(value: str | datetime | None) -> datetime | None:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise Invalid(f"{value!r} is not an instant: write for example 2027-01-31T09:00:00+01:00") from None
