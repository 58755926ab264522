"""A dead letter of another installation, read from its export: checked, bounded and without secrets, as if it had come from here."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from leeward.errors import Invalid
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.groups.fingerprint import Failure, failure_of, values_of
from storage.dead_letters.intake.new_letter import NAME_LIMIT, OPTIONS_LIMIT_BYTES, PAYLOAD_LIMIT_BYTES
from storage.dead_letters.letter.identity import first_id_at
from storage.dead_letters.letter.stored_error import error_of
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import NOTE_LIMIT, OWNER_LIMIT
from storage.payloads.message import member, payload_of
from storage.payloads.redaction import Redacted, redacted, secrets_gone
from storage.payloads.sanitise import beginning, json_value

_Name = Annotated[str, Field(max_length=NAME_LIMIT)]
_Count = Annotated[int, Field(ge=0, lt=2**31)]
_MILLISECOND = timedelta(milliseconds=1)
CLOCKS_DIFFER = timedelta(days=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_TIMES = ("died_at", "enqueued_at", "updated_at", "replayed_at", "finished_at")


class InvalidLetter(Invalid):
    """Raised when a line is no exported dead letter; its text names fields, never values."""

    code = "invalid_letter"


class _Exported(BaseModel):
    """What `storage.dead_letters.letter.document` writes. What a newer release adds is passed over."""

    model_config = ConfigDict(extra="ignore", strict=False, arbitrary_types_allowed=True)

    id: UUID
    outbox_id: _Name
    job_id: _Name
    provider: _Name
    queue: _Name
    actor: _Name
    priority: _Name
    reason: DeadReason
    state: State
    version: Annotated[int, Field(ge=1, lt=2**31)]
    owner: Annotated[str, Field(max_length=OWNER_LIMIT)] | None = None
    note: Annotated[str, Field(max_length=NOTE_LIMIT)] | None = None
    message_base64: Base64Bytes
    payload: Any = None
    options: dict[str, Any] | None = None
    error: dict[str, Any]
    progress: Any = None
    attempts: _Count
    deliveries: _Count
    worker: _Name | None = None
    request_id: _Name | None = None
    trace_id: _Name | None = None
    idempotency_key: _Name | None = None
    tenant: _Name | None = None
    enqueued_at: AwareDatetime | None = None
    died_at: AwareDatetime
    updated_at: AwareDatetime
    replay_refusal: Annotated[str, Field(max_length=4_000)] | None = None
    replay_of: UUID | None = None
    replayed_as: _Name | None = None
    replayed_at: AwareDatetime | None = None
    generation: _Count = 0
    hold: bool = False
    finished_at: AwareDatetime | None = None
    superseded_by: UUID | None = None
    edited_message_base64: Base64Bytes | None = None


@dataclass(frozen=True, slots=True)
class ImportedLetter:
    """A row to be written.

    Attributes:
        values: by column.
        failure: what group it belongs to.
        was: its state where it came from.
    """

    id: UUID
    values: dict[str, Any]
    failure: Failure
    was: State


def imported_letter(document: object, now: datetime) -> ImportedLetter:
    """The row of an exported dead letter.

    Its job is not on this fleet: what was `requeued` is `failed` here, and no replay of the other installation is named.

    Args:
        document: a line of the export.
        now: the time.

    Raises:
        InvalidLetter: a field is missing or has an impossible value, or a time that no clock can have shown.
    """
    try:
        letter = _Exported.model_validate(document)
    except ValidationError as invalid:
        raise InvalidLetter(_problems(invalid)) from None
    _check_times(letter, now)
    if not first_id_at(letter.died_at) <= letter.id < first_id_at(letter.died_at + _MILLISECOND):
        raise InvalidLetter("id: it does not begin with the time of died_at, so it is not the id of a dead letter")
    kept = redacted(letter.message_base64)
    error = error_of(kept.scrub(letter.error))
    payload, options = _payload_and_options(letter, kept)
    about = values_of(payload, job=letter.job_id, worker=letter.worker)
    failure = failure_of(letter.provider, letter.actor, error.document, about)
    values = _plain(letter, kept) | {
        "message": kept.message,
        "payload": payload,
        "options": options,
        "error": error.document,
        "error_type": error.type,
        "error_message": error.message,
        "progress": json_value(kept.scrub(letter.progress), OPTIONS_LIMIT_BYTES),
        "operation": failure.operation,
        "fingerprint": failure.fingerprint,
        **_edit(letter),
        **_replay(letter),
        "replay_refusal": letter.replay_refusal or _refusal(kept),
    }
    return ImportedLetter(letter.id, values, failure, letter.state)


def _check_times(letter: _Exported, now: datetime) -> None:
    """Retention goes by them: what would finish in a hundred years would be kept for a hundred years."""
    for name in _TIMES:
        at = getattr(letter, name)
        if at is not None and at > now + CLOCKS_DIFFER:
            raise InvalidLetter(
                f"{name}: it lies in the future: a clock was wrong where it was written, so correct it first"
            )
        if at is not None and at < EARLIEST:
            raise InvalidLetter(
                f"{name}: it lies before {EARLIEST:%Y}: a clock was wrong where it was written, so correct it first"
            )


def _plain(letter: _Exported, kept: Redacted) -> dict[str, Any]:
    """What is taken as it is; text safe to store, without secrets: the export may be an older release's."""
    same = {
        "id", "outbox_id", "job_id", "provider", "queue", "actor", "priority", "version", "owner", "note", "attempts", "deliveries",
        "worker", "request_id", "trace_id", "idempotency_key", "tenant", "enqueued_at", "died_at", "replay_of", "generation", "hold",
        "finished_at", "superseded_by", "updated_at",
    }  # fmt: skip
    values = {name: kept.scrub(_storable(getattr(letter, name))) for name in same} | {"reason": letter.reason.value}
    if values["idempotency_key"] != letter.idempotency_key:
        values["idempotency_key"] = None  # half of one would stand for other work
    return values


def _storable(value: Any) -> Any:
    return beginning(value, NOTE_LIMIT) if isinstance(value, str) else value


def _payload_and_options(letter: _Exported, kept: Redacted) -> tuple[Any, Any]:
    """Payload and options of the message, which is what counts; none where the export had none, as for bytes that are not a message."""
    body = kept.body
    payload = None if body is None or letter.payload is None else json_value(payload_of(body), PAYLOAD_LIMIT_BYTES)
    options = (
        None if body is None or letter.options is None else json_value(member(body, "options"), OPTIONS_LIMIT_BYTES)
    )
    return payload, options


def _edit(letter: _Exported) -> dict[str, Any]:
    """A correction, unless this release finds a secret in it: half a message must not be replayed."""
    kept = None if letter.edited_message_base64 is None else redacted(letter.edited_message_base64)
    if kept is None or kept.removed or kept.body is None:
        return {"edited_message": None, "edited_payload": None}
    return {
        "edited_message": kept.message,
        "edited_payload": json_value(payload_of(kept.body), PAYLOAD_LIMIT_BYTES),
    }


def _replay(letter: _Exported) -> dict[str, Any]:
    if letter.state is State.REQUEUED and letter.superseded_by is None:
        return {"state": State.FAILED.value, "replayed_as": None, "replayed_at": None, "finished_at": None}
    return {
        "state": letter.state.value,
        "replayed_as": _storable(letter.replayed_as),
        "replayed_at": letter.replayed_at,
    }


def _refusal(kept: Redacted) -> str | None:
    return secrets_gone(kept.removed) if kept.removed else None


def _problems(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'line'}: {one['msg']}" for one in problems[:5])
