"""Taking dead letters for a replay, so that each is replayed once whatever happens to who replays.

A claim stores the new job's id before the job is enqueued, and a confirmation says that it was. Who dies in between leaves an unconfirmed
claim; the next replay takes it over and enqueues the same job id again, which the fleet answers by doing nothing if it has the job.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, Text, cast, func, select, update

from storage.dead_letter_events import FLEET, EventKind, NewEvent, record
from storage.dead_letters.filter import Filter, InvalidFilter
from storage.dead_letters.rows import lock_in_order
from storage.dead_letters.runner import Runner, inherit, running, unconfirmed
from storage.state import OPEN, State
from storage.tables import dead_letters

BATCH = 250


@dataclass(frozen=True, slots=True)
class Claim:
    """A dead letter that is this replay's to enqueue, as the job `job_id`.

    Attributes:
        died_as: the job that died.
        message: its encoded message.
        resumed: an earlier replay claimed it and ended before its confirmation: the job may wait, run or even be done by
            now, so the enqueue must look for jobs that have ended, too.
    """

    dead_letter_id: UUID
    job_id: str
    died_as: str
    provider: str
    queue: str
    actor: str
    idempotency_key: str | None
    generation: int
    message: bytes
    resumed: bool


def claim_for_replay(
    engine: Engine, filter_: Filter, *, who: str, reason: str, limit: int | None = None, batch: int = BATCH
) -> Iterator[list[Claim]]:
    """Claims the matching `failed` and `reviewing` dead letters, oldest first, a batch a step; what a dead replay left comes first.

    A batch is claimed in one transaction, which has ended when the batch is handed out; enqueue it, then confirm it. Any number of replays
    may run at once: no dead letter goes to two that live. Those that cannot be replayed are passed over; see `refuse`.
    Holds a connection until the iterator ends or is closed.

    Raises:
        InvalidFilter: the filter asks for states that cannot be replayed.
        sqlalchemy.exc.OperationalError: PostgreSQL was lost; the next replay resumes what was not confirmed.
    """
    conditions = replayable(filter_)
    with running(engine) as runner:
        inherit(runner, filter_.conditions(states=False))
        left = sys.maxsize if limit is None else limit
        for take in (partial(_left_behind, runner), partial(_claimed, runner, conditions, who, reason)):
            last = UUID(int=0)
            while left > 0 and (claims := take(last, min(batch, left))):
                left, last = left - len(claims), claims[-1].dead_letter_id
                yield claims


def confirm_replayed(connection: Connection, ids: Iterable[UUID], *, who: str = FLEET) -> int:
    """Notes that the jobs of these claims are with the fleet. Returns how many had not been known to be."""
    row = dead_letters.c
    pending = (row.id.in_(lock_in_order(connection, ids)), row.state == State.REQUEUED, row.replayed_at.is_(None))
    change = update(dead_letters).where(*pending).values(replayed_at=func.now(), updated_at=func.now())
    confirmed = connection.execute(change.returning(row.id, row.replayed_as)).all()
    events = [NewEvent(each.id, EventKind.ENQUEUED, who, detail={"job": each.replayed_as}) for each in confirmed]
    record(connection, events)
    return len(events)


def confirm_duplicate(connection: Connection, id_: UUID, job_id: str, *, done: bool, who: str = FLEET) -> None:
    """Notes that the fleet answered a claim's enqueue with another job that has the same idempotency key.

    Args:
        connection: in a transaction.
        id_: the dead letter.
        job_id: the job that has the key.
        done: that job is done, so the dead letter is `recovered`; otherwise it stays `requeued`, tied to that job.
        who: on whose behalf.
    """
    row = dead_letters.c
    change = update(dead_letters).where(row.id == id_, row.state == State.REQUEUED)
    state = State.RECOVERED if done else State.REQUEUED
    change = change.values(
        state=state, replayed_as=job_id, replayed_at=func.now(), updated_at=func.now(), version=row.version + 1
    )
    if connection.execute(change.returning(row.id)).one_or_none() is not None:
        event = NewEvent(id_, EventKind.DUPLICATE, who, State.REQUEUED, state, {"job": job_id, "done": done})
        record(connection, [event])


def replayable(filter_: Filter) -> list[ColumnElement[bool]]:
    """The conditions for what a replay with this filter takes.

    Raises:
        InvalidFilter: the filter asks for states that cannot be replayed.
    """
    row = dead_letters.c
    return [*open_ones(filter_), row.replay_refusal.is_(None)]


def open_ones(filter_: Filter) -> list[ColumnElement[bool]]:
    """The filter's conditions, for those dead letters that nobody has dealt with yet."""
    closed = [state for state in filter_.states if state not in OPEN]
    if closed:
        raise InvalidFilter(
            f"{', '.join(closed)} dead letters cannot be replayed: use state {' or '.join(OPEN)}, or none"
        )
    return [*filter_.conditions(), dead_letters.c.state.in_(OPEN)]


_CLAIMED = [dead_letters.c[name] for name in ("id", "job_id", "provider", "queue", "actor", "idempotency_key")]
_CLAIMED += [dead_letters.c[name] for name in ("generation", "message", "replayed_as")]


def _left_behind(runner: Runner, after: UUID, size: int) -> list[Claim]:
    row = dead_letters.c
    query = select(*_CLAIMED).where(unconfirmed(runner.key), row.id > after).order_by(row.id).limit(size)
    with runner.connection.begin():
        return [_claim(each, resumed=True) for each in runner.connection.execute(query)]


def _claimed(
    runner: Runner, conditions: list[ColumnElement[bool]], who: str, reason: str, after: UUID, size: int
) -> list[Claim]:
    row = dead_letters.c
    picked = select(row.id, row.state).where(*conditions, row.id > after).order_by(row.id).limit(size)
    free = picked.with_for_update(skip_locked=True).cte("free")
    change = update(dead_letters).where(row.id == free.c.id)
    change = change.values(
        state=State.REQUEUED,
        version=row.version + 1,
        updated_at=func.now(),
        replayed_as=cast(func.gen_random_uuid(), Text),
        replay_runner=runner.key,
        replayed_at=None,
    )
    with runner.connection.begin():
        rows = runner.connection.execute(change.returning(*_CLAIMED, free.c.state.label("from_state"))).all()
        record(runner.connection, [_requeued(each, who, reason) for each in rows])
    return sorted((_claim(each, resumed=False) for each in rows), key=lambda claim: claim.dead_letter_id)


def _claim(row: Row[Any], *, resumed: bool) -> Claim:
    return Claim(
        dead_letter_id=row.id,
        job_id=row.replayed_as,
        died_as=row.job_id,
        provider=row.provider,
        queue=row.queue,
        actor=row.actor,
        idempotency_key=row.idempotency_key,
        generation=row.generation,
        message=row.message,
        resumed=resumed,
    )


def _requeued(row: Row[Any], who: str, reason: str) -> NewEvent:
    detail = {"job": row.replayed_as, "reason": reason}
    return NewEvent(row.id, EventKind.REQUEUED, who, State(row.from_state), State.REQUEUED, detail)
