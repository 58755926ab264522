"""Many rows in one statement whose text does not grow with them: parsing a parameter for each value costs more than all the rest."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from storage.tables import dead_letters


def bulk_insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Inserts rows that are not there yet; returns the ids of those that were new.

    Args:
        connection: in a transaction.
        rows: at least one; each with the same columns.
    """
    names = list(rows[0])
    values = [bindparam(name, [row[name] for row in rows], ARRAY(dead_letters.c[name].type)) for name in names]
    given = func.unnest(*values).table_valued(*names, name="given").render_derived()
    statement = insert(dead_letters).from_select(names, select(*(given.c[name] for name in names)))
    found = connection.execute(statement.on_conflict_do_nothing().returning(dead_letters.c.id))
    return set(found.scalars())
