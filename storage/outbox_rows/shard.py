"""A part of an outbox that one relay moves at a time, in the order of its rows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text

CLAIM_KEPT = timedelta(seconds=60)
"""PostgreSQL ends the session of a relay that has claimed rows and not moved them for so long, so that another one can."""


class Shard(NamedTuple):
    """All waiting rows of one lane and partition are in one shard of their provider."""

    provider: str
    number: int

    @classmethod
    def of_notification(cls, payload: str) -> "Shard | None":
        """As `leeward.outbox` writes it: `<provider> <number>`; None for a text of another program."""
        provider, _, number = payload.rpartition(" ")
        return cls(provider, int(number)) if provider and number.isdecimal() else None


class WaitingRow(NamedTuple):
    """One row, oldest first. `age_ms` is how long ago it was written, by PostgreSQL's clock."""

    job_id: str
    kind: str
    place: str
    message: bytes
    delay_ms: int
    idempotency_key: str
    fingerprint: str
    stamped_ms: int
    span_ms: int
    due_ms: int
    age_ms: int


class RefusedRow(NamedTuple):
    """Why a row can never be enqueued as it is."""

    job_id: str
    code: str
    reason: str


_TAKE = text(
    "SELECT set_config('idle_in_transaction_session_timeout', :kept_ms, true),"
    " pg_try_advisory_xact_lock(hashtextextended('leeward_outbox ' || :provider || ' ' || CAST(:number AS text), 0)) AS taken"
)
_READ = text(
    "SELECT job_id, kind, place, message, delay_ms, idempotency_key, fingerprint, stamped_ms, span_ms, due_ms,"
    " CAST(extract(epoch FROM clock_timestamp() - added_at) * 1000 AS bigint) AS age_ms"
    " FROM leeward_outbox"
    " WHERE refused_code IS NULL AND provider = :provider AND shard = :number AND place <> ALL (CAST(:without AS text[]))"
    " ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED"
)
_REMOVE = text("DELETE FROM leeward_outbox WHERE job_id = ANY (CAST(:job_ids AS text[])) AND refused_code IS NULL")
_REFUSE = text(
    "UPDATE leeward_outbox SET refused_at = clock_timestamp(), refused_code = refused.code, refused_reason = refused.reason"
    " FROM unnest(CAST(:job_ids AS text[]), CAST(:codes AS text[]), CAST(:reasons AS text[])) AS refused (job_id, code, reason)"
    " WHERE leeward_outbox.job_id = refused.job_id"
)
# From one pair to the next along the index, however many rows each of them has.
_SHARDS = text(
    "WITH RECURSIVE found AS ("
    "(SELECT provider, shard FROM leeward_outbox WHERE refused_code IS NULL ORDER BY provider, shard LIMIT 1)"
    " UNION ALL SELECT following.provider, following.shard FROM found CROSS JOIN LATERAL ("
    "SELECT provider, shard FROM leeward_outbox AS later"
    " WHERE refused_code IS NULL AND (later.provider, later.shard) > (found.provider, found.shard)"
    " ORDER BY provider, shard LIMIT 1) AS following"
    ") SELECT provider, shard FROM found"
)


def take(connection: Connection, shard: Shard) -> bool:
    """Keeps other relays from a shard until the end of the transaction. False when one has it.

    What is read in this transaction from now on is what the relay before has left.
    """
    kept_ms = str(int(CLAIM_KEPT.total_seconds() * 1000))
    return bool(connection.execute(_TAKE, shard._asdict() | {"kept_ms": kept_ms}).one().taken)


def read(connection: Connection, shard: Shard, most: int, *, without: Sequence[str] = ()) -> list[WaitingRow]:
    """The oldest rows, locked. `without` are places whose rows are to stay."""
    found = connection.execute(_READ, shard._asdict() | {"most": most, "without": list(without)})
    return [WaitingRow(*row) for row in found]


def remove(connection: Connection, job_ids: Sequence[str]) -> int:
    """Deletes rows that are enqueued; returns how many there were."""
    return connection.execute(_REMOVE, {"job_ids": list(job_ids)}).rowcount if job_ids else 0


def refuse(connection: Connection, rows: Sequence[RefusedRow]) -> None:
    """Keeps rows aside."""
    if rows:
        job_ids, codes, reasons = map(list, zip(*rows, strict=True))
        connection.execute(_REFUSE, {"job_ids": job_ids, "codes": codes, "reasons": reasons})


def shards(connection: Connection) -> list[Shard]:
    """Those that have waiting rows."""
    return [Shard(*row) for row in connection.execute(_SHARDS)]
