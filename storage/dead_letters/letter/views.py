"""A dead letter as it is read back."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Row

from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.state import State
from storage.tables import dead_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a list shows of a dead letter; small whatever the job was.

    Attributes:
        version: changes with every change; triage names the one it has seen.
        attempts: attempts that failed before it died.
        deliveries: how often a worker was given the job.
        replay_refusal: why it cannot be replayed; None when it can.
        replay_of: the dead letter whose replay this is.
        replayed_as: the job that a replay made of it.
        replayed_at: when it did; that job is with the fleet a moment later.
        generation: how many replays came before this death.
        operation: what the job was doing when it failed; its actor's name where the error did not say.
        fingerprint: the group of failures it belongs to; None for one that an older release wrote and that is not grouped yet.
        hold: under legal hold: retention passes it over.
        finished_at: since when there is nothing left to decide; None while there is.
        superseded_by: the dead letter of its replay, which died, too.
        replay_id: the replay operation that took it last.
    """

    id: UUID
    job_id: str
    provider: str
    queue: str
    actor: str
    priority: str
    reason: DeadReason
    state: State
    version: int
    owner: str | None
    note: str | None
    error_type: str | None
    error_message: str | None
    attempts: int
    deliveries: int
    worker: str | None
    request_id: str | None
    trace_id: str | None
    idempotency_key: str | None
    tenant: str | None
    enqueued_at: datetime | None
    died_at: datetime
    created_at: datetime
    updated_at: datetime
    replay_refusal: str | None
    replay_of: UUID | None
    replayed_as: str | None
    replayed_at: datetime | None
    generation: int
    operation: str | None
    fingerprint: str | None
    hold: bool
    finished_at: datetime | None
    superseded_by: UUID | None
    replay_id: UUID | None

    @classmethod
    def columns(cls) -> list[ColumnElement[Any]]:
        return [dead_letters.c[field.name] for field in fields(cls)]

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        values = row._asdict()
        return cls(**values | {"reason": DeadReason(values["reason"]), "state": State(values["state"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail(Summary):
    """Everything that is kept of a dead letter.

    Attributes:
        message: the bytes that a replay would enqueue; without secrets.
        payload: what the job was to do, for display; None when the bytes are not a message.
        error: `type`, `message`, `traceback`, `provider`, `operation`, `status`, as far as known.
        progress: what the job last reported.
        edited_message, edited_payload: the corrected ones, which a replay uses. None when there is no correction.
    """

    outbox_id: str
    message: bytes
    payload: Any
    options: dict[str, Any] | None
    error: dict[str, Any]
    progress: Any
    edited_message: bytes | None
    edited_payload: Any
