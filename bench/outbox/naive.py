"""The rival: an outbox as applications usually write it. `python -m bench.outbox.naive`, with the addresses as its arguments.

It polls, enqueues row by row with the row's id as the key, and deletes what it has sent.
"""

import sys
import time

import psycopg

from leeward import Leeward, SyncUser

POLL_SECONDS = 0.5
BATCH = 100

TABLE = "CREATE TABLE naive_outbox (id bigserial PRIMARY KEY, username text NOT NULL)"
ADD = "INSERT INTO naive_outbox (username) SELECT unnest(%s::text[])"
_READ = "SELECT id, username FROM naive_outbox ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED"
_DELETE = "DELETE FROM naive_outbox WHERE id = ANY(%s)"


def move(connection: "psycopg.Connection", fleet: Leeward) -> int:
    rows = connection.execute(_READ, [BATCH]).fetchall()
    for number, user in rows:
        fleet.enqueue(SyncUser(user=user), idempotency_key=f"outbox-{number}")
    connection.execute(_DELETE, [[number for number, _ in rows]])
    connection.commit()
    return len(rows)


def main(database_url: str, valkey_url: str) -> None:
    with psycopg.connect(database_url) as connection, Leeward(valkey_url) as fleet:
        print("ready", flush=True)
        while True:
            if move(connection, fleet) < BATCH:
                time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
