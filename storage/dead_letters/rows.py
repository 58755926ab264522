"""Changing several rows at once."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, select

from storage.tables import dead_letters


def lock_in_order(connection: Connection, ids: Iterable[UUID]) -> list[UUID]:
    """Locks these rows until the transaction ends, always in the same order, so that no two transactions wait for each other."""
    row = dead_letters.c
    query = select(row.id).where(row.id.in_(set(ids))).order_by(row.id).with_for_update()
    return list(connection.execute(query).scalars())
