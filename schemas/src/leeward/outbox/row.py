"""A job as a row of the outbox, and the statement that writes rows and notifies the relays."""

import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from leeward.request import Request, entry_for

CHANNEL = "leeward_outbox"
"""What a transaction notifies when it commits; the payload is `<provider> <shard>`."""
SHARDS = 16
"""How many relays can move rows of one provider at once. All rows of one lane and partition are in one shard."""


class Row(NamedTuple):
    """In the order of `INSERT`. From `delay_ms` on they are what `leeward.wire.entry.Entry` has; `stamped_ms` is its `sent_ms`."""

    job_id: str
    provider: str
    shard: int
    kind: str
    place: str
    message: bytes
    delay_ms: int
    idempotency_key: str
    fingerprint: str
    stamped_ms: int
    span_ms: int
    due_ms: int


def row_for(request: Request) -> Row:
    """Raises: MessageTooLarge, Invalid: it cannot be enqueued."""
    entry, job = entry_for(request), request.job
    return Row(
        job_id=entry.job_id,
        provider=job.provider,
        shard=shard_of(entry.place),
        kind=job.kind,
        place=entry.place,
        message=entry.message,
        delay_ms=entry.delay_ms,
        idempotency_key=entry.idempotency_key,
        fingerprint=entry.fingerprint,
        stamped_ms=entry.sent_ms,
        span_ms=entry.span_ms,
        due_ms=entry.due_ms,
    )


def shard_of(place: str) -> int:
    """The same in every program and release: rows of one place must never be in two shards."""
    return zlib.crc32(place.encode()) % SHARDS


def parameters(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """A list of values for each column."""
    return {name: list(values) for name, values in zip(Row._fields, zip(*rows, strict=True), strict=True)}


_TYPES = ("text", "text", "smallint", "text", "text", "bytea", "bigint", "text", "text", "bigint", "bigint", "bigint")


def insert(parameter: str) -> str:
    """The statement, with parameters as a driver names them: `:{}` or `%({})s`.

    Numbers are given in the order of the lists. One notification per shard goes out with the commit, however many rows there are.
    """
    columns = ", ".join(Row._fields)
    lists = ", ".join(
        f"CAST({parameter.format(name)} AS {type_}[])" for name, type_ in zip(Row._fields, _TYPES, strict=True)
    )
    given = f"unnest({lists}) WITH ORDINALITY AS given ({columns}, position)"
    chosen = f"SELECT {columns} FROM {given} ORDER BY position"  # noqa: S608 # the names are ours
    added = f"INSERT INTO leeward_outbox ({columns}) {chosen} RETURNING provider, shard"
    shards = "SELECT DISTINCT provider, shard FROM added"
    return f"WITH added AS ({added}) SELECT pg_notify('{CHANNEL}', provider || ' ' || shard) FROM ({shards}) AS shards"  # noqa: S608
