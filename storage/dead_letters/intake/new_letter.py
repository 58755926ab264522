"""A dead job as it is written down: read from its outbox entry, without secrets, of bounded size."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from leeward.jobs.correlation import trace_id_of
from leeward.jobs.dead_reason import DeadReason
from leeward.wire.dead_letter_id import dead_letter_id
from storage.dead_letters.groups.fingerprint import Failure, failure_of, values_of
from storage.dead_letters.letter.identity import died_at
from storage.dead_letters.letter.stored_error import StoredError, error_of
from storage.payloads.message import int_of, member, opened, payload_of, text_of
from storage.payloads.redaction import Redacted, redacted, secrets_gone
from storage.payloads.sanitise import beginning, decoded, json_value

PAYLOAD_LIMIT_BYTES = 256 * 1024
OPTIONS_LIMIT_BYTES = 64 * 1024
NAME_LIMIT = 500
"""Characters of an id, a queue, an actor: what fits an index with room to spare."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A row of `dead_letters` before it is one. `storage.dead_letters.letter.views` says what each value means."""

    id: UUID
    outbox_id: str
    job_id: str
    provider: str
    queue: str
    actor: str
    priority: str
    reason: DeadReason
    message: bytes
    payload: Any
    options: dict[str, Any] | None
    error: dict[str, Any]
    error_type: str | None
    error_message: str | None
    progress: Any
    attempts: int
    deliveries: int
    worker: str | None
    request_id: str | None
    trace_id: str | None
    idempotency_key: str | None
    tenant: str | None
    enqueued_at: datetime | None
    died_at: datetime
    replay_refusal: str | None
    replay_of: UUID | None
    failure: Failure

    @classmethod
    def from_outbox(cls, provider: str, entry_id: str, fields: Mapping[bytes, bytes]) -> Self:
        """Reads an entry of kind `dead`. Whatever is missing or makes no sense is left out; nothing a job holds makes this fail.

        Raises:
            UnreadableEntry: the entry is not of kind `dead`, or gives a reason that this release does not know.
        """
        reason = _reason(fields)
        kept = redacted(fields.get(b"message", b""))
        error = error_of(kept.scrub(_json(fields.get(b"error", b""))))
        return cls._written(
            provider, entry_id, fields, reason=reason, kept=kept, error=error, refusal=_refusal(reason, kept)
        )

    @classmethod
    def minimal(cls, provider: str, entry_id: str, fields: Mapping[bytes, bytes], why: str) -> Self:
        """Keeps an entry that cannot be stored as what it is: its bytes, and why. For a person; it cannot be replayed."""
        raw = fields.get(b"message") or repr(dict(fields)).encode()
        kept = Redacted(redacted(raw).message, None, frozenset(), None)
        about = {name: value[:NAME_LIMIT] for name, value in fields.items() if name in {b"job", b"queue", b"died_at"}}
        refusal = "its outbox entry could not be read, as its error says: enqueue the job again"
        return cls._written(
            provider,
            entry_id,
            about,
            reason=DeadReason.UNDECODABLE,
            kept=kept,
            error=error_of({"type": "UnreadableEntry", "message": why}),
            refusal=refusal,
        )

    @classmethod
    def _written(
        cls,
        provider: str,
        entry_id: str,
        fields: Mapping[bytes, bytes],
        *,
        reason: DeadReason,
        kept: Redacted,
        error: StoredError,
        refusal: str | None,
    ) -> Self:
        body = kept.body or {}
        options = member(body, "options")
        outbox_id = f"{provider}/{entry_id}"
        when = died_at(fields.get(b"died_at"), entry_id)
        job_id = _field(fields, b"job") or _name(body.get("message_id")) or ""
        actor, worker = _name(body.get("actor_name")) or "", _field(fields, b"worker")
        payload = None if kept.body is None else json_value(payload_of(body), PAYLOAD_LIMIT_BYTES)
        values = values_of(payload, job=job_id, worker=worker)
        return cls(
            id=dead_letter_id(outbox_id, when),
            outbox_id=_name(outbox_id) or "",
            job_id=job_id,
            provider=_name(provider) or "",
            queue=_field(fields, b"queue") or _name(body.get("queue_name")) or "",
            actor=actor,
            priority=_field(fields, b"priority") or _name(options.get("priority")) or "",
            reason=reason,
            message=kept.message,
            payload=payload,
            options=None if kept.body is None else json_value(options, OPTIONS_LIMIT_BYTES),
            error=error.document,
            error_type=error.type,
            error_message=error.message,
            progress=json_value(kept.scrub(_json(fields.get(b"progress", b""))), OPTIONS_LIMIT_BYTES),
            attempts=int_of(options.get("retries")),
            deliveries=int_of(fields.get(b"deliveries")),
            worker=worker,
            request_id=_name(options.get("request_id")),
            trace_id=trace_id_of(options.get("traceparent")),
            idempotency_key=_name(options.get("idempotency_key")),
            # The producer names it once, for its turns in the lane.
            tenant=_name(options.get("tenant") or options.get("partition")),
            enqueued_at=_instant(body.get("message_timestamp")),
            died_at=when,
            replay_refusal=refusal,
            replay_of=uuid_of(options.get("replay_of")),
            failure=failure_of(_name(provider) or "", actor, error.document, values),
        )


class UnreadableEntry(ValueError):
    """Raised when an outbox entry says something that this release does not understand."""


def uuid_of(value: object) -> UUID | None:
    """The id of a dead letter, from text that should be one."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _reason(fields: Mapping[bytes, bytes]) -> DeadReason:
    kind, reason = fields.get(b"kind"), decoded(fields.get(b"reason", b""))
    if kind != b"dead":
        raise UnreadableEntry(f"an outbox entry of kind {kind!r}: this release knows 'dead' and 'recovered'")
    try:
        return DeadReason(reason)
    except ValueError:
        raise UnreadableEntry(f"reason {reason!r} is none of {', '.join(DeadReason)}") from None


def _refusal(reason: DeadReason, kept: Redacted) -> str | None:
    if kept.removed and kept.body is not None:
        return secrets_gone(kept.removed)
    if kept.body is None or reason is DeadReason.UNDECODABLE:
        return "its bytes are not a message: enqueue the job again"
    return None


def _json(raw: bytes) -> Any:
    """A JSON object, or the text that replaces it; None for nothing."""
    document = opened(raw)
    return document if document is not None else (decoded(raw) or None)


def _field(fields: Mapping[bytes, bytes], name: bytes) -> str | None:
    return _name(decoded(fields.get(name, b"")))


def _name(value: object) -> str | None:
    text = text_of(value)
    return None if text is None else beginning(text, NAME_LIMIT)


def _instant(milliseconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if isinstance(milliseconds, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None
