"""Moves rows of an outbox into the fleet, a batch at a time: claimed, enqueued, deleted.

The claim and the deletion are one transaction of PostgreSQL, the enqueue and its note one step of Valkey. A relay that dies between the two
leaves the rows and the note: the next one that claims the shard deletes what is noted, and enqueues the rest.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import redis
from sqlalchemy import Connection, Engine

from leeward.errors import IdempotencyConflict
from leeward.outbox.relaying import Latest, Overtaken, latest, relay
from leeward.wire.entry import BATCH, Entry, Refusal, Verdict
from leeward.wire.valkey.reconnect import persistently
from storage.outbox_rows.presence import outbox_of
from storage.outbox_rows.shard import RefusedRow, Shard, WaitingRow, read, refuse, remove, take
from workers.relay.destinations import Destinations
from workers.relay.pauses import Pauses
from workers.relay.preparation import entry_of, misfit, queue_of


@dataclass(slots=True)
class Moved:
    """What a mover has done since its start, by provider. Any thread may read it.

    Attributes:
        sent: rows that are enqueued and deleted; those whose idempotency key belongs to a job that does the same work count, too.
        refused: provider and code -> rows that were kept aside.
    """

    sent: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)


class Mover:
    """For one thread. Any number of them, in any processes, may move one outbox: a shard belongs to one of them at a time.

    Args:
        engine: of the outbox's database.
        client: answers in bytes.
        clock: monotonic seconds.
    """

    def __init__(self, engine: Engine, client: redis.Redis, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.moved = Moved()
        self.destinations = Destinations(client)
        self._engine = engine
        self._client = client
        self._outbox = ""
        self._providers: Pauses[str] = Pauses(clock)
        self._places: Pauses[str] = Pauses(clock)
        self._settled: dict[Shard, str] = {}

    def move(self, shard: Shard) -> bool:
        """Moves the oldest rows of a shard. Returns whether it may have more that can be moved now.

        Rows whose provider or partition has no room, or whose provider is switched off, stay, and are tried again later by themselves.

        Raises:
            Unavailable: Valkey cannot be reached, or does not permit it. The rows stay.
            sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached. They stay, or are found enqueued the next time.
        """
        if self._providers.holds(shard.provider):
            return False
        self.destinations.require_permissions(shard.provider)
        with self._engine.connect() as connection:
            try:
                return self._move_in(connection, shard) if take(connection, shard) else False
            except Overtaken:
                # This process was stopped for longer than a claim is kept, and PostgreSQL has ended its session.
                connection.invalidate()
                return False

    def pause(self, provider: str) -> None:
        """Tries the rows of a provider later."""
        self._providers.lengthen(provider)

    def forget(self) -> None:
        """PostgreSQL was lost: what was committed may not have been."""
        self._settled.clear()
        self._outbox = ""

    def _move_in(self, connection: Connection, shard: Shard) -> bool:
        name = self._name(connection, shard)
        before = latest(self._client, shard.provider, name)
        if before.token != self._settled.get(shard):
            # Of a relay that died, lost its connection, or is another process.
            remove(connection, before.job_ids)
        # A provider that had no room is tried with a single job: each one that it refuses is counted there.
        most = 1 if shard.provider in self._providers else BATCH
        rows = read(connection, shard, most, without=self._places.held())
        token = self._enqueue(connection, shard, name, rows, before)
        connection.commit()
        self._settled[shard] = token
        return len(rows) == most and not self._providers.holds(shard.provider)

    def _enqueue(
        self, connection: Connection, shard: Shard, name: str, rows: Sequence[WaitingRow], before: Latest
    ) -> str:
        """Returns the token of the latest call."""
        misfits = {row.job_id: found for row in rows if (found := self._misfit(shard, row))}
        fit = [row for row in rows if row.job_id not in misfits]
        token, refusals = before.token, dict[int, Refusal]()
        if fit:
            token, refusals = relay(self._client, shard.provider, name, self._entries(fit), before)
        self._settle(connection, shard, fit, refusals, list(misfits.values()))
        return token

    def _entries(self, rows: Sequence[WaitingRow]) -> list[Entry]:
        seconds, microseconds = persistently(lambda _: self._client.time())
        now_ms = int(seconds) * 1000 + int(microseconds) // 1000
        return [entry_of(row, now_ms) for row in rows]

    def _misfit(self, shard: Shard, row: WaitingRow) -> RefusedRow | None:
        if found := misfit(shard, row):
            return found
        unknown = self.destinations.unknown(queue_of(row))
        return RefusedRow(row.job_id, unknown.code, str(unknown)) if unknown else None

    def _settle(
        self,
        connection: Connection,
        shard: Shard,
        rows: Sequence[WaitingRow],
        refusals: dict[int, Refusal],
        aside: list[RefusedRow],
    ) -> None:
        sent = [row for at, row in enumerate(rows) if at not in refusals or refusals[at].verdict is Verdict.DUPLICATE]
        for at, refusal in refusals.items():
            row = rows[at]
            if refusal.verdict is Verdict.CONFLICT:
                conflict = IdempotencyConflict(row.idempotency_key, refusal.job_id)
                aside.append(RefusedRow(row.job_id, conflict.code, str(conflict)))
        remove(connection, [row.job_id for row in sent])
        refuse(connection, aside)
        self._note_room(shard.provider, rows, sent, refusals)
        self.moved.sent[shard.provider] += len(sent)
        for one in aside:
            self.moved.refused[shard.provider, one.code] += 1

    def _note_room(
        self, provider: str, rows: Sequence[WaitingRow], sent: Sequence[WaitingRow], refusals: dict[int, Refusal]
    ) -> None:
        for place in {row.place for row in sent}:
            self._places.end(place)
        full = [(rows[at].place, refusal) for at, refusal in refusals.items() if refusal.no_room(provider)]
        of_partitions = {place for place, refusal in full if refusal.job_id}
        for place in of_partitions:
            self._places.lengthen(place)
        if len(full) > sum(bool(refusal.job_id) for _, refusal in full):
            self._providers.lengthen(provider)
        elif sent:
            self._providers.end(provider)

    def _name(self, connection: Connection, shard: Shard) -> str:
        if not self._outbox:
            self._outbox = outbox_of(connection).name
        return f"{self._outbox}/{shard.number}"
