"""What the indexes for finding dead letters are over: expressions that the tables declare and the queries repeat."""

from typing import Any

from sqlalchemy import ColumnElement, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.sql.base import ReadOnlyColumnCollection

FACETS = ("provider", "queue", "actor", "operation", "reason", "state")
"""Columns of few values, so that few combinations of them exist however many rows there are."""
FACET_LIMIT = 100
"""Characters of each that are indexed: five in one index, of four bytes each, must fit its 2,700 bytes."""
LEADS = ("replay_id", "owner", "tenant", "fingerprint")
"""Columns of many values that have an index of their own in front of the facets; those that usually hold for the fewest rows first."""

WITH_ID = frozenset({"reason", "state", "provider", "fingerprint", "tenant"})
"""Columns with an index of their own, the id behind each value."""
WORDED = (
    *("note", "job_id", "request_id", "idempotency_key", "trace_id", "tenant"),
    *("error_type", "error_message", "payload"),
)
"""Columns whose words are looked for, in the order of the function that makes them."""

# Written out, not bound: an expression with a parameter is not the index's.
_NOTHING = text("''")
_SPACE = text("' '")

Row = ReadOnlyColumnCollection[str, Any]


def is_long(value: object) -> bool:
    """Whether the indexes do not hold it whole."""
    return isinstance(value, str) and len(value) >= FACET_LIMIT


def facet(row: Row, column: str) -> ColumnElement[Any]:
    """A facet, or a lead, as it is indexed: never null, bounded. For shorter values the same as the column."""
    whole: ColumnElement[Any] = row[column]
    if column in {"reason", "state", "replay_id"}:
        return whole
    return func.left(func.coalesce(whole, _NOTHING) if column == "operation" else whole, text(str(FACET_LIMIT)))


def facets(row: Row) -> list[ColumnElement[Any]]:
    """All of them, in the order of the indexes."""
    return [facet(row, column) for column in FACETS]


def words(row: Row) -> ColumnElement[Any]:
    """The words of a dead letter: see the function in migration 0006."""
    return func.leeward_words(*(row[name] for name in WORDED), type_=TSVECTOR)


def error_text(row: Row) -> ColumnElement[str]:
    """The type and message of its error, for parts of words."""
    return func.coalesce(row.error_type, _NOTHING).op("||")(_SPACE).op("||")(func.coalesce(row.error_message, _NOTHING))
