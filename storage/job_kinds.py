"""The kinds of jobs that workers have published, kept beside the dead letters: they are read without Valkey."""

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, Text, select, text
from sqlalchemy.exc import ProgrammingError

from leeward.record import PublishedKind
from storage.tables import job_kinds

_WRITE = text("""
    INSERT INTO job_kinds AS known (kind, version, description) VALUES (:kind, :version, CAST(:description AS jsonb))
    ON CONFLICT (kind, version) DO UPDATE SET description = jsonb_set(excluded.description, '{secrets}', (
        SELECT coalesce(jsonb_agg(DISTINCT secret ORDER BY secret), '[]')
        FROM jsonb_array_elements(coalesce(known.description->'secrets', '[]') || (excluded.description->'secrets')) AS secret
    ))
""")


def write_kinds(connection: Connection, kinds: Iterable[PublishedKind]) -> None:
    """Describes kinds, in place of what was written of them before; only what was secret stays secret. Idempotent."""
    # In one order, so that two who write the same do not wait for each other crosswise.
    rows = [
        {"kind": kind.kind, "version": kind.version, "description": kind.model_dump_json()}
        for kind in sorted(kinds, key=lambda kind: (kind.kind, kind.version))
    ]
    if rows:
        connection.execute(_WRITE, rows)


def read_kinds(connection: Connection) -> list[PublishedKind]:
    """Every kind that was written. What this release cannot understand is left out."""
    found = (
        PublishedKind.read(row) for row in connection.execute(select(job_kinds.c.description.cast(Text))).scalars()
    )
    return [kind for kind in found if kind is not None]


def stored_kinds(engine: Engine) -> list[PublishedKind]:
    """The same over a connection of its own; nothing while the table is not there yet, or may not be read.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached.
    """
    try:
        with engine.connect() as connection:
            return read_kinds(connection)
    except ProgrammingError:
        return []
