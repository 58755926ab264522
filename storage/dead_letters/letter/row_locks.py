"""Changing several rows at once."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, text

# The bounds let the server skip partitions, which it cannot do with a list of ids.
_LOCK = text("""
    SELECT id FROM dead_letters WHERE id = ANY(CAST(string_to_array(:ids, ',') AS uuid[]))
    AND id BETWEEN :first AND :last ORDER BY id FOR UPDATE
""")


def lock_in_order(connection: Connection, ids: Iterable[UUID]) -> list[UUID]:
    """Locks these rows until the transaction ends, always in the same order, so that no two transactions wait for each other."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    values = {"ids": joined(wanted), "first": wanted[0], "last": wanted[-1]}
    return list(connection.execute(_LOCK, values).scalars())


def joined(values: Iterable[object]) -> str:
    """A list as `string_to_array` reads it. The driver takes longer to write an array than the server to read this."""
    return ",".join(map(str, values))
