"""Indexes on tables that are in use, partitioned ones included, which PostgreSQL cannot index concurrently by itself."""

from sqlalchemy import Connection, text

from storage.database.lock_timeout import alone, persistently

LONGEST_NAME = 63


def build_index(connection: Connection, name: str, table: str, definition: str) -> None:
    """Builds an index on one table that is no partitioned one, while others read and write it.

    Safe to run again after any crash: what is there stays, an index that a crash has left half-built is built again.

    Args:
        connection: in autocommit, as inside Alembic's `autocommit_block`.
        name: the index.
        table: the table.
        definition: what stands behind the table's name in `CREATE INDEX`: `(state, id)`, `USING gin (...) WHERE ...`.
    """

    def attempt() -> None:
        if (valid := _valid(connection, name)) is None:
            connection.execute(text(f"CREATE INDEX CONCURRENTLY {name} ON {table} {definition}"))
        elif not valid:
            connection.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
            attempt()

    persistently(attempt)


def add_index_online(connection: Connection, name: str, table: str, definition: str) -> None:
    """Gives a partitioned table and all its partitions an index, one partition after the other, while others read and write them.

    Safe to run again after any crash, and beside who adds or drops partitions: one that comes meanwhile has the index from its beginning.

    Args:
        connection: in autocommit, as inside Alembic's `autocommit_block`.
        name: the index; a partition's own is named as it, with the partition in place of the table.
        table: the partitioned table.
        definition: as for `build_index`; not UNIQUE.

    Raises:
        SchemaBusy: its locks were not to be had.
        ValueError: the name does not hold the table's, or is too long with a partition's.
    """
    alone(connection, f"CREATE INDEX IF NOT EXISTS {name} ON ONLY {table} {definition}")
    while partitions := _without(connection, name, table):
        own = own_name(name, table, partitions[0])
        build_index(connection, own, partitions[0], definition)
        alone(connection, f"ALTER INDEX {name} ATTACH PARTITION {own}")


def own_name(name: str, table: str, partition: str) -> str:
    """What a partition's part of an index is called."""
    own = name.replace(table, partition, 1)
    if table not in name or len(own) > LONGEST_NAME:
        raise ValueError(f"{name} cannot be named for {partition}: let it hold {table!r} and be shorter")
    return own


def _valid(connection: Connection, name: str) -> bool | None:
    """None when there is no such index."""
    query = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
    return connection.execute(query, {"name": name}).scalar()


def _without(connection: Connection, name: str, table: str) -> list[str]:
    """The partitions that have no part in the index yet."""
    query = text("""
        SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(:table) AND NOT EXISTS (
            SELECT FROM pg_inherits AS part JOIN pg_index ON indexrelid = part.inhrelid
            WHERE part.inhparent = to_regclass(:name) AND indrelid = pg_inherits.inhrelid
        ) ORDER BY 1""")
    return list(connection.execute(query, {"name": name, "table": table}).scalars())
