"""Ids by their beginnings, as people type them."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select

LEAST_DIGITS = 4
DIGITS = 32
_BEGINNING = re.compile(r"[0-9a-f-]+", re.IGNORECASE)


def uuids_beginning(connection: Connection, column: ColumnElement[UUID], text: str, *, limit: int) -> list[UUID]:
    """The UUIDs of a column that begin so, the smallest first. Reads a range of the column's index.

    Raises:
        ValueError: no UUID begins so, or too many do: fewer than `LEAST_DIGITS` digits.
    """
    digits = text.replace("-", "")
    if not _BEGINNING.fullmatch(text) or not LEAST_DIGITS <= len(digits) <= DIGITS:
        raise ValueError(f"{text!r} is not the beginning of an id: give {LEAST_DIGITS} digits or more")
    first, last = UUID(digits.ljust(DIGITS, "0")), UUID(digits.ljust(DIGITS, "f"))
    found = connection.execute(select(column).where(column.between(first, last)).order_by(column).limit(limit))
    return list(found.scalars())


def texts_beginning(connection: Connection, column: ColumnElement[Any], text: str, *, limit: int) -> list[str]:
    """The texts of a column that begin so."""
    condition = column.startswith(text, autoescape=True)
    return list(connection.execute(select(column).where(condition).order_by(column).limit(limit)).scalars())
