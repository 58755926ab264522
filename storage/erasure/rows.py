"""Rows that name a person, rewritten without them."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, RowMapping, Table, and_, cast, func, select, text, update
from sqlalchemy.types import Text

from storage.erasure.scan import suspicious
from storage.erasure.subject import Subject

Change = Callable[[RowMapping], dict[str, Any] | None]
"""Further new values of a row that names the person; None: it stays as it is."""
_ALLOW_ON_AUDIT = text("SELECT set_config('leeward.erasing', 'on', true)")


def unchanged(_row: RowMapping) -> dict[str, Any]:
    """No further new values."""
    return {}


def erase_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    subject: Subject,
    *,
    apply: bool,
    further: Change = unchanged,
    needs: Sequence[str] = (),
) -> int:
    """Puts the pseudonym into every row of a table that names the person, and returns how many do. Each batch is a transaction: broken
    off, what was done is done, and the same call does the rest.

    Args:
        connection: not in a transaction.
        table: which one.
        names: the columns in which a person may be named.
        subject: the person.
        apply: False only counts.
        further: called for each row that names the person.
        needs: further columns that `further` looks at.
    """
    key = list(table.primary_key.columns)
    looked_at = func.concat_ws(" ", *(_as_text(table.c[name]) for name in names))
    found = 0
    for keys in suspicious(connection, table, key, looked_at, subject.parts):
        with connection.begin():
            connection.execute(_ALLOW_ON_AUDIT)
            for at in keys:
                found += _erase_row(connection, table, at, [*names], subject, apply=apply, further=further, needs=needs)
    return found


def _erase_row(
    connection: Connection,
    table: Table,
    at: tuple[Any, ...],
    names: list[str],
    subject: Subject,
    *,
    apply: bool,
    further: Change,
    needs: Sequence[str],
) -> bool:
    this = and_(*(column == value for column, value in zip(table.primary_key.columns, at, strict=True)))
    query = select(*(table.c[name] for name in dict.fromkeys([*names, *needs]))).where(this).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None or not any(subject.is_in(_plain(row[name])) for name in names):
        return False
    more = further(row)
    if more is None:
        return False
    if apply:
        new = {name: subject.erased(_plain(row[name])) for name in names if subject.is_in(_plain(row[name]))}
        connection.execute(update(table).where(this).values(**new | more))
    return True


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _as_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.encode(column, "escape") if isinstance(column.type, LargeBinary) else cast(column, Text)
