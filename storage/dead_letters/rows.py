"""Changing several rows at once."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, text

# The bounds let the server pass over partitions, which it cannot tell from a list of ids.
_LOCK = text("""
    SELECT id FROM dead_letters WHERE id = ANY(CAST(:ids AS uuid[])) AND id BETWEEN :first AND :last ORDER BY id FOR UPDATE
""")


def lock_in_order(connection: Connection, ids: Iterable[UUID]) -> list[UUID]:
    """Locks these rows until the transaction ends, always in the same order, so that no two transactions wait for each other."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    return list(connection.execute(_LOCK, {"ids": wanted, "first": wanted[0], "last": wanted[-1]}).scalars())
