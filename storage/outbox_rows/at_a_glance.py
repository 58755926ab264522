"""An outbox in one quick query, over psycopg alone: SQLAlchemy takes longer to import than a glance may take."""

from contextlib import closing
from dataclasses import dataclass

from storage.dead_letters.at_a_glance import glancing_connection
from storage.outbox_rows.relay_lock import RELAY_LOCK

COUNTED = 100_000
"""Rows are counted up to here."""

_FIRST, _SECOND = RELAY_LOCK
_GLANCE = f"""
    SELECT (SELECT count(*) FROM (SELECT FROM leeward_outbox WHERE refused_code IS NULL LIMIT {COUNTED}) AS waiting),
           (SELECT count(*) FROM leeward_outbox WHERE refused_code IS NOT NULL),
           ARRAY(SELECT DISTINCT refused_code FROM leeward_outbox WHERE refused_code IS NOT NULL ORDER BY 1),
           (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = {_FIRST} AND objid = {_SECOND}
               AND objsubid = 2 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""  # noqa: S608 # numbers of ours


@dataclass(frozen=True, slots=True)
class OutboxGlance:
    """An outbox at one moment.

    Attributes:
        waiting: rows that are not enqueued yet, `COUNTED` at most.
        refused: rows that are kept aside; `codes`: why.
        relays: how many are connected.
    """

    waiting: int
    refused: int
    codes: tuple[str, ...]
    relays: int


def outbox_at_a_glance(url: str) -> OutboxGlance:
    """Raises:
    psycopg.errors.UndefinedTable: there is no outbox.
    psycopg.Error: PostgreSQL cannot be asked, or not in time.
    """
    with closing(glancing_connection(url)) as connection:
        row = connection.execute(_GLANCE).fetchone()
    assert row is not None
    waiting, refused, codes, relays = row
    return OutboxGlance(waiting, refused, tuple(codes), relays)
