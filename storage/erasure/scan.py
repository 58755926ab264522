"""Every row of a table, in bounded statements, of which those come back that may name a person."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, literal, select

BATCH = 1_000


def suspicious(
    connection: Connection,
    table: Table,
    key: Sequence[ColumnElement[Any]],
    text: ColumnElement[Any],
    parts: Sequence[str],
) -> Iterator[list[tuple[Any, ...]]]:
    """The keys of the rows whose text contains all of these parts, at most `BATCH` rows looked at in each step; a transaction each.

    Args:
        connection: not in a transaction.
        table: which one.
        key: its primary key, by which the steps continue.
        text: all that is looked at of a row.
        parts: in lower case.
    """
    after: tuple[Any, ...] | None = None
    may_match = and_(literal(True), *(func.lower(text).contains(part, autoescape=True) for part in parts))
    while True:
        query = select(*key, may_match).select_from(table).order_by(*key).limit(BATCH)
        if after is not None:
            query = query.where(_behind(key, after))
        with connection.begin():
            rows = [tuple(row) for row in connection.execute(query)]
        yield [row[:-1] for row in rows if row[-1]]
        if len(rows) < BATCH:
            return
        after = rows[-1][:-1]


def _behind(key: Sequence[ColumnElement[Any]], after: tuple[Any, ...]) -> ColumnElement[bool]:
    from sqlalchemy import tuple_

    return tuple_(*key) > tuple_(*(literal(value, column.type) for value, column in zip(after, key, strict=True)))
