"""Replays and their items as they are read back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Row

from storage.replays.rules import Rules
from storage.replays.state import ItemOutcome, ReplayState


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A stored operation.

    Attributes:
        version: changes with every decision; a caller may name the one it has seen.
        cause: why it is paused or stopped, or what it waits for, and since when.
        filter: what was asked for, in JSON's types.
        letters: how many items its set has, those that were refused at once included.
        origin: what made it when no person did.
    """

    id: UUID
    state: ReplayState
    version: int
    cause: str | None
    who: str
    note: str
    filter: dict[str, Any]
    rules: Rules
    letters: int
    origin: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        values = row._asdict()
        return cls(**values | {"state": ReplayState(values["state"]), "rules": Rules.from_document(values["rules"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A dead letter of a replay, and what became of it.

    Attributes:
        position: its place in the order, from 1; the oldest death first.
        job_id: the job that does its work now, or that has its idempotency key.
        successor: the dead letter of that job, when it died again.
        why: for a person: why it was refused, or what its duplicate is.
    """

    position: int
    dead_letter_id: UUID
    provider: str
    outcome: ItemOutcome
    job_id: str | None
    successor: UUID | None
    why: str | None
    queued_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        values = row._asdict()
        return cls(**values | {"outcome": ItemOutcome(values["outcome"])})
