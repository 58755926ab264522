"""Pages of dead letters, newest first: the way that reads the least for each filter. docs/adr/0007 says what each costs."""

from datetime import timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, any_, func, select

from storage.dead_letters.letter.views import Summary
from storage.dead_letters.search.compiled_query import CompiledQuery
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.filter_shape import parameter
from storage.dead_letters.search.planner import Found, newest
from storage.dead_letters.search.search import Search
from storage.dead_letters.search.time_budget import TimeBudget
from storage.tables import dead_letters

PAGE_SIZE = 50
PROMPT = timedelta(milliseconds=22)
"""The time budget of a page that a person waits for: with it `script/bench dlq` stays within 50 ms."""
_THOROUGH = timedelta(milliseconds=500)
"""The time budget of a step for a page that must be full: over a million letters the longest list of an index is read in less."""
_MISSES = 2
"""The first one may be owed to a server that has not read these rows lately."""
_PLANNING = {
    # A plan for any values misses the indexes on these.
    "plan_cache_mode": "force_custom_plan",
    # Compiling a query of milliseconds takes longer than the query.
    "jit": "off",
    # So does starting other processes.
    "max_parallel_workers_per_gather": "0",
    # The planner takes every combination for a small one, and would read it whole and sort it.
    "enable_sort": "off",
    "enable_seqscan": "off",
    # Of a common word the rows would be known by their blocks only, and every row of those be asked for its words.
    "work_mem": "64MB",
}
"""Of the transaction in which a page is read."""


class Cursor(NamedTuple):
    """Where a page ended.

    Attributes:
        id: the next page has what is older.
        misses: how many pages in a row found no quick way; the page after the second only walks.
    """

    id: UUID
    misses: int = 0


class Page(NamedTuple):
    """A part of a list, newest first. `after` leads to the next part; None at the end."""

    rows: list[Summary]
    after: Cursor | None


def page(
    connection: Connection,
    filter_: Filter,
    *,
    limit: int = PAGE_SIZE,
    after: Cursor | None = None,
    time_budget: timedelta | None = None,
) -> Page:
    """One page of the matching dead letters.

    Args:
        connection: in a transaction of its own, or in none yet; how it is planned is set for all of that transaction.
        filter_: which ones.
        limit: rows at most.
        after: the end of the page before; None for the first.
        time_budget: None for a full page, however long it takes. Otherwise, for example `PROMPT`, the time after which the page ends where
            the search is, at least some hundred letters further. Then it may have fewer rows than `limit`, even none; the list ends only
            where `after` is None (as pages in https://google.aip.dev/158).
    """
    left = TimeBudget(_THOROUGH if time_budget is None else time_budget)
    _planning().rows(connection, {})
    question = Search.of(connection, filter_, after=after.id if after else None)

    def more(found: Found, end: UUID, left: TimeBudget) -> Found:
        return found.and_then(newest(question.below(end), limit + 1 - len(found.ids), left, walks=found.hopeless))

    misses = after.misses if after else 0
    found = more(Found([], hopeless=misses >= _MISSES), question.high, left)
    while time_budget is None and found.end is not None:
        found = more(found, found.end, TimeBudget(_THOROUGH))
    end = found.ids[limit - 1] if len(found.ids) > limit else found.end
    following = Cursor(end, min(misses + 1, _MISSES) if found.hopeless else 0) if end else None
    return Page(_rows(connection, found.ids[:limit]), following)


def _rows(connection: Connection, ids: list[UUID]) -> list[Summary]:
    return [Summary.of(each) for each in _summaries().rows(connection, {"id": ids})] if ids else []


@cache
def _planning() -> CompiledQuery:
    return CompiledQuery(select(*(func.set_config(name, value, True) for name, value in _PLANNING.items())))


@cache
def _summaries() -> CompiledQuery:
    id_ = dead_letters.c.id
    return CompiledQuery(
        select(*Summary.columns()).where(id_ == any_(parameter("id", several=True))).order_by(id_.desc())
    )
