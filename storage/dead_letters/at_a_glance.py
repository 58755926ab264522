"""The open dead letters in two quick queries, over psycopg alone: SQLAlchemy takes longer to import than a glance may take."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from storage.database.revision_names import revisions

CONNECT_SECONDS = 2
STATEMENT_MS = 2_000
LARGEST = 3

# What is counted and not folded into the groups yet is added: nothing is written.
_GROUPS = f"""
    WITH counted AS (
        SELECT fingerprint, sum(letters) AS letters, max(last_seen) AS last_seen FROM dead_letter_changes
        WHERE state IN ('failed', 'reviewing') GROUP BY fingerprint
    ), open AS (
        SELECT known.fingerprint, known.provider, known.error_type, known.message,
               known.failed + known.reviewing + coalesce(counted.letters, 0) AS letters,
               greatest(known.last_seen, counted.last_seen) AS last_seen
        FROM dead_letter_groups AS known LEFT JOIN counted USING (fingerprint)
    )
    SELECT fingerprint, provider, error_type, message, letters, last_seen,
           sum(letters) OVER (), count(*) OVER (), max(last_seen) OVER ()
    FROM open WHERE letters > 0 ORDER BY letters DESC, fingerprint LIMIT {LARGEST}
"""  # noqa: S608 # a number of ours


Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlanceGroup:
    """A group with open letters."""

    fingerprint: str
    provider: str
    error: str
    letters: int
    last_seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What is open; `migrations`: how many of this release's the database lacks, in which case nothing is counted.

    Attributes:
        newer: the database has a revision that this release does not know.
    """

    letters: int = 0
    groups: int = 0
    last_seen: datetime | None = None
    largest: tuple[GlanceGroup, ...] = ()
    migrations: int = 0
    newer: bool = False


def at_a_glance(url: str) -> Glance:
    """Counts what is open, by the groups' numbers.

    Raises:
        psycopg.Error: PostgreSQL cannot be asked, or not in time.
    """
    with closing(glancing_connection(url)) as connection:
        missing, newer = _migrations(connection)
        return Glance(migrations=missing, newer=newer) if missing or newer else _open(connection)


def glancing_connection(url: str) -> "psycopg.Connection[Row]":
    """One on which no step takes longer than two seconds.

    Raises:
        psycopg.Error: PostgreSQL cannot be reached, or not in time.
    """
    url = url.replace("postgresql+psycopg://", "postgresql://", 1)
    # What the URL itself says of options is kept.
    more: Any = {} if "options=" in url else {"options": f"-c statement_timeout={STATEMENT_MS} -c timezone=UTC"}
    return psycopg.connect(
        url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="leeward status", **more
    )


def _migrations(connection: "psycopg.Connection[Row]") -> tuple[int, bool]:
    known = revisions()
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return len(known), False
    here = row[0] if row else ""
    if here and here not in known:
        return 0, True
    return len(known) - (known.index(here) + 1 if here else 0), False


def _open(connection: "psycopg.Connection[Row]") -> Glance:
    rows = connection.execute(_GROUPS).fetchall()
    if not rows:
        return Glance()
    largest = [
        GlanceGroup(
            fingerprint=fingerprint,
            provider=provider,
            error=": ".join(part for part in (error, message) if part) or "-",
            letters=int(letters),
            last_seen=last_seen,
        )
        for fingerprint, provider, error, message, letters, last_seen, *_ in rows
    ]
    *_, letters, groups, newest = rows[0]
    return Glance(
        letters=int(letters),
        groups=groups,
        last_seen=newest,
        largest=tuple(largest),
    )
