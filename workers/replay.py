"""Replays dead letters: each becomes a new job in the lane `bulk`, once, whatever happens to who replays.

A claim stores the new job's id in PostgreSQL before the job is enqueued; a confirmation says that it was. Whoever dies in between leaves a
claim that the next replay takes over: it looks for the job first and enqueues it under the same id if it is not there.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import redis
from dramatiq import Message
from sqlalchemy import Engine

from leeward.entry import Refusal, Verdict, entry_of, submit
from leeward.errors import MessageTooLarge
from leeward.keys import QUEUES
from leeward.lookup import find
from leeward.queue_name import provider_of
from storage.dead_letters import Claim, claim_for_replay, confirm_duplicate, confirm_replayed, refuse
from workers.replay_hand_back import hand_back
from workers.replay_message import Unreplayable, message_for_replay
from workers.replay_selection import Selection

_PASSED_OVER = 100_000
"""Refusals that one run tells: far more than a person reads."""


class Ending(StrEnum):
    """What a replay made of a dead letter."""

    QUEUED = "queued"
    DUPLICATE = "duplicate"
    """Another job has its idempotency key and the same payload: nothing was added."""
    REFUSED = "refused"
    """It would only die again, or its key belongs to other work. It is open, as before."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one dead letter.

    Attributes:
        died_as: the job that died; None for one that was never claimed.
        job_id: the job that does its work now; None when it was refused.
        why: for a person: why it was refused, or what its duplicate is.
        done: the duplicate has done the work already.
        resumed: an earlier run had begun with it.
    """

    dead_letter_id: UUID
    ending: Ending
    provider: str | None = None
    actor: str | None = None
    died_as: str | None = None
    job_id: str | None = None
    why: str | None = None
    done: bool = False
    resumed: bool = False


def _now() -> datetime:
    return datetime.now(UTC)


class Replay:
    """One run over a selection. For one thread; any number of runs may be made at once, in any processes.

    Args:
        engine: of the dead letters' database.
        client: of the fleet's Valkey; answers in bytes.
        who: on whose behalf, for the audit.
        note: why, for the audit.
        clock: the time, aware.
    """

    def __init__(
        self,
        engine: Engine,
        client: redis.Redis,
        *,
        who: str,
        note: str = "",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._engine = engine
        self._client = client
        self._who = who
        self._note = note
        self._clock = clock
        self._to_hand_back: dict[UUID, str] = {}

    def run(self, selection: Selection, *, limit: int | None = None) -> Generator[Replayed]:
        """Replays a batch at a time and tells each item. May be closed or killed at any point; the next run completes it.

        The outboxes should have been emptied before (`workers.drainer.Drainer.sweep`), so that jobs of an earlier run which have ended
        are known to have ended.

        Raises:
            InvalidFilter: the filter asks for states that cannot be replayed.
            Unavailable, redis.RedisError: Valkey cannot be reached; run again.
            sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached; run again.
        """
        if selection.taken is None:
            return
        claims = claim_for_replay(self._engine, selection.taken, who=self._who, reason=self._note, limit=limit)
        try:
            for batch in claims:
                yield from self._replay(batch)
        finally:
            # Not before: open again, they would be claimed again.
            self._hand_back()
            claims.close()  # type: ignore[attr-defined] # it is a generator
        with self._engine.begin() as connection:
            passed_over = refuse(connection, selection.taken, who=self._who, limit=_PASSED_OVER)
        yield from (Replayed(id_, Ending.REFUSED, why=why) for id_, why in passed_over)

    def _replay(self, batch: Sequence[Claim]) -> list[Replayed]:
        items: dict[UUID, Replayed] = {}
        messages: defaultdict[str, list[tuple[Claim, Message[Any]]]] = defaultdict(list)
        for claim in batch:
            if claim.resumed and find(self._client, [claim.provider], claim.job_id) is not None:
                items[claim.dead_letter_id] = _item(claim, Ending.QUEUED, job_id=claim.job_id)
                continue
            try:
                message = message_for_replay(claim, self._clock())
                entry_of(message)
            except (Unreplayable, MessageTooLarge, ValueError) as refusal:
                items[claim.dead_letter_id] = _item(claim, Ending.REFUSED, why=str(refusal))
            else:
                messages[provider_of(message.queue_name)].append((claim, message))
        for provider, pairs in messages.items():
            items |= self._enqueue(provider, pairs)
        self._confirm(items)
        return [items[claim.dead_letter_id] for claim in batch]

    def _enqueue(self, provider: str, pairs: Sequence[tuple[Claim, "Message[Any]"]]) -> dict[UUID, Replayed]:
        self._client.sadd(QUEUES, *{message.queue_name for _, message in pairs})
        refusals = submit(self._client, provider, [entry_of(message) for _, message in pairs])
        return {
            claim.dead_letter_id: _told(claim, refusals[position])
            if position in refusals
            else _item(claim, Ending.QUEUED, job_id=claim.job_id)
            for position, (claim, _) in enumerate(pairs)
        }

    def _confirm(self, items: dict[UUID, Replayed]) -> None:
        queued = [item.dead_letter_id for item in items.values() if item.ending is Ending.QUEUED]
        with self._engine.begin() as connection:
            confirm_replayed(connection, queued, who=self._who)
            for item in items.values():
                if item.ending is Ending.DUPLICATE and item.job_id is not None:
                    confirm_duplicate(connection, item.dead_letter_id, item.job_id, done=item.done, who=self._who)
        self._to_hand_back |= {
            item.dead_letter_id: item.why or "" for item in items.values() if item.ending is Ending.REFUSED
        }

    def _hand_back(self) -> None:
        if self._to_hand_back:
            with self._engine.begin() as connection:
                hand_back(connection, self._to_hand_back, who=self._who)


def _told(claim: Claim, refusal: Refusal) -> Replayed:
    if refusal.verdict is Verdict.CONFLICT:
        why = f"its idempotency key belongs to job {refusal.job_id} with another payload: discard it, or enqueue under a new key"
        return _item(claim, Ending.REFUSED, why=why)
    done = refusal.state == "done"
    why = f"another job with its idempotency key {'has done' if done else 'is doing'} this work"
    return _item(claim, Ending.DUPLICATE, job_id=refusal.job_id, why=why, done=done)


def _item(
    claim: Claim, ending: Ending, *, job_id: str | None = None, why: str | None = None, done: bool = False
) -> Replayed:
    return Replayed(
        claim.dead_letter_id,
        ending,
        provider=claim.provider,
        actor=claim.actor,
        died_as=claim.died_as,
        job_id=job_id,
        why=why,
        done=done,
        resumed=claim.resumed,
    )
