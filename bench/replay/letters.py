"""Dead letters in any number: one is written as the drainer writes them, the others are its copies with a number of their own."""

import time

from sqlalchemy import Connection, Engine, text

from bench.report import say
from leeward import SyncUser
from leeward.wire.encoding import encode
from leeward.wire.job_message import message_for
from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.intake.new_letter import DeadLetter
from storage.tables import dead_letters

DIED_AT_MS = 1_790_000_000_000
GROUPS = 10

_ID = """CAST(lpad(to_hex(CAST(:died_at_ms AS bigint) + number), 12, '0') || '7' || substr(md5(number::text), 1, 3)
    || '8' || substr(md5(number::text), 5, 15) AS uuid)"""
_OWN = {
    "id": _ID,
    "outbox_id": "'jellyfin/' || number || '-0'",
    "job_id": "'job-' || number",
    "message": "convert_to(replace(convert_from(message, 'UTF8'), '\"user\":\"0\"', '\"user\":\"' || number || '\"'), 'UTF8')",
    "died_at": "died_at + number * interval '1 millisecond'",
    "fingerprint": f"'bench-' || number % {GROUPS}",
}


def fill(engine: Engine, letters: int) -> None:
    """Leaves exactly so many, all of them open, numbered from 0."""
    began = time.monotonic()
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE dead_letters, replays, replay_items, dead_letter_changes"))
        insert_many(connection, [_first()])
        _copy(connection, letters - 1)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE dead_letters"))
    say(f"{letters:,} dead letters in {time.monotonic() - began:.0f} s")


def _first() -> DeadLetter:
    message = message_for(SyncUser(user="0"), job_id="job-0").asdict()
    fields = {
        b"kind": b"dead",
        b"job": b"job-0",
        b"message": encode(message),
        b"reason": b"exhausted",
        b"error": b'{"type": "Transient", "message": "503 from the server", "operation": "create_user"}',
        b"died_at": str(DIED_AT_MS).encode(),
        b"deliveries": b"3",
        b"worker": b"host-1:4711",
        b"queue": b"sync.jellyfin",
        b"priority": b"normal",
    }
    return DeadLetter.from_outbox("jellyfin", f"{DIED_AT_MS}-0", fields)


def _copy(connection: Connection, copies: int) -> None:
    names = [column.name for column in dead_letters.columns]
    values = ", ".join(_OWN.get(name, name) for name in names)
    statement = f"INSERT INTO dead_letters ({', '.join(names)}) SELECT {values} FROM dead_letters, generate_series(1, :copies) AS number"
    connection.execute(text(statement), {"copies": copies, "died_at_ms": DIED_AT_MS})
