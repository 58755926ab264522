"""Pages of dead letters, newest first: the way that reads the least for each filter. docs/adr/0007 says what each costs."""

from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, any_, func, select

from storage.dead_letters.asked import parameter
from storage.dead_letters.filter import Filter
from storage.dead_letters.newest import newest
from storage.dead_letters.question import Question
from storage.dead_letters.stored import Summary
from storage.dead_letters.told import Told
from storage.tables import dead_letters

PAGE_SIZE = 50
_PLANNING = {
    # A plan for any values misses the indexes on these.
    "plan_cache_mode": "force_custom_plan",
    # Compiling a query of milliseconds takes longer than the query.
    "jit": "off",
    # The planner takes every combination for a small one, and would read it whole and sort it.
    "enable_sort": "off",
    "enable_seqscan": "off",
    # Of a common word the rows would be known by their blocks only, and every row of those be asked for its words.
    "work_mem": "64MB",
}
"""Of the transaction in which a page is read."""


class Page(NamedTuple):
    """A part of a list, newest first. `after` leads to the next part; None at the end."""

    rows: list[Summary]
    after: UUID | None


def page(connection: Connection, filter_: Filter, *, limit: int = PAGE_SIZE, after: UUID | None = None) -> Page:
    """One page of the matching dead letters. Costs the same for the first page and the thousandth."""
    _planning().rows(connection, {})
    ids = newest(Question.of(connection, filter_, after=after), limit + 1)
    rows = [Summary.of(each) for each in _summaries().rows(connection, {"id": ids[:limit]})] if ids else []
    return Page(rows, ids[limit - 1] if len(ids) > limit else None)


@cache
def _planning() -> Told:
    return Told(select(*(func.set_config(name, value, True) for name, value in _PLANNING.items())))


@cache
def _summaries() -> Told:
    id_ = dead_letters.c.id
    return Told(select(*Summary.columns()).where(id_ == any_(parameter("id", several=True))).order_by(id_.desc()))
