"""How many dead letters wait for a decision."""

from sqlalchemy import Connection, func, select

from storage.dead_letters.state import OPEN
from storage.tables import dead_letters


def count_open(connection: Connection) -> dict[tuple[str, str], int]:
    """By provider and reason; pairs without any are left out."""
    row = dead_letters.c
    by = (row.provider, row.reason)
    statement = select(*by, func.count()).where(row.state.in_(OPEN)).group_by(*by)
    return {(provider, reason): count for provider, reason, count in connection.execute(statement)}
