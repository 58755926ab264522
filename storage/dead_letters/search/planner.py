"""The ids of the newest dead letters that match: a short scan, then the access paths that find all the rest within a time budget.

What is common is met on the stretch. What is rare is tried whole. What is neither is merged from combinations of facets, or found by
the indexes of words. What none of them finds in time is left open: the next scan begins where this one ended.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Self
from uuid import UUID

from storage.dead_letters.search import access_paths
from storage.dead_letters.search.filter_shape import FilterShape
from storage.dead_letters.search.index_expressions import FACETS, LEADS, WITH_ID
from storage.dead_letters.search.search import Search, Way
from storage.dead_letters.search.time_budget import TimeBudget, TimeBudgetExceeded


class Tries(NamedTuple):
    """How many letters are tried, by what of theirs is looked at."""

    columns: int
    errors: int
    words: int

    def of(self, asked: FilterShape) -> int:
        """How many for what is asked."""
        return self.words if asked.text else self.errors if asked.error else self.columns


FIRST = Tries(1_000, 500, 500)
"""Before the other ways."""
FURTHER = Tries(1_500, 700, 500)
"""Instead of the other ways, while there is time; some 3 ms."""
OFTEN = 5
"""A page of which the first stretch holds one in so many is filled by walking on: that is quicker than to try anything else."""
FEW = Tries(5_000, 3_000, 2_500)
"""So many that conditions on columns let in are tried whole."""
FEW_WRITTEN = 15_000
"""So many that an index of words lets in: the other conditions cost less."""
LEADING_VALUES = 8
"""With more values than this a column does not lead: the combinations would be searched for each of them."""


class Found(NamedTuple):
    """What was found so far.

    Attributes:
        ids: the newest first.
        end: what is older was not looked at; None if all was, or if `ids` are as many as were wanted.
        hopeless: nothing but walking was quick.
    """

    ids: list[UUID]
    end: UUID | None = None
    hopeless: bool = False

    def and_then(self, older: Self) -> Self:
        """With what was found from `end` on."""
        return type(self)(self.ids + older.ids, older.end, self.hopeless or older.hopeless)


class _Column(NamedTuple):
    """A column that is asked for, and how many letters have its values."""

    letters: int
    name: str


def newest(question: Search, limit: int, budget: TimeBudget, *, walks: bool) -> Found:
    """The ids of a stretch, or of all that matches.

    Args:
        question: the filter, and the ids to look among.
        limit: ids at most.
        budget: by when it should have an answer: the stretch then ends soon.
        walks: nothing else is to be tried.
    """
    if question.asked.in_order():
        return Found(question.ids(access_paths.walk, limit))
    columns = _columns(question)
    found = _walked(question, limit, columns, FIRST)
    if not walks and found.end is not None and len(found.ids) * OFTEN < limit:
        rest = _all_at_once(question.below(found.end), limit - len(found.ids), columns, budget)
        found = found.and_then(rest or Found([], found.end, hopeless=True))
    while found.end is not None and budget.is_left():
        further = question.below(found.end)
        found = found.and_then(_walked(further, limit - len(found.ids), columns, FURTHER))
    return found


def _walked(question: Search, limit: int, columns: Sequence[_Column], tries: Tries) -> Found:
    """Along the index of the column that lets in the fewest, or along that of the ids."""
    asked = question.asked
    along = next((column.name for column in columns if asked.is_in_order_of(column.name)), None)
    every = question.only(along) if along else question.unfiltered()
    # Before the walk: what comes meanwhile is then in neither part, not in both.
    ends = every.ids(access_paths.end, tries.of(asked))
    if not ends:
        return Found(question.ids(partial(access_paths.along, column=along), limit))
    ids = question.from_(ends[0]).ids(partial(access_paths.along, column=along), limit)
    return Found(ids, ends[0] if len(ids) < limit else None)


def _all_at_once(question: Search, limit: int, columns: Sequence[_Column], budget: TimeBudget) -> Found | None:
    """What the first way finds that is quick enough; None if none is."""
    with suppress(TimeBudgetExceeded), budget.guarding(question.connection) as hurry:
        for way, few in _whole(question, columns):
            found = question.ids(way, limit) if few is None else question.among(way, limit, few=few)
            if found is not None:
                return Found(found)
            hurry()
    return None


def _whole(question: Search, columns: Sequence[_Column]) -> Iterator[tuple[Way, int | None]]:
    """The access paths that can find all matches, the cheapest first, each with the rows that it may have to read; None for no bound."""
    asked = question.asked
    few = FEW.of(asked)
    if columns and columns[0].letters <= few:
        yield partial(access_paths.among_column, column=columns[0].name), few
    # PostgreSQL's statistics know words, but not parts of errors.
    if asked.text and question.letters(access_paths.written) <= FEW_WRITTEN:
        yield access_paths.among_written, FEW_WRITTEN
    if asked.has_combinations():
        lead = _lead(question, columns)
        if not asked.searches():
            yield partial(access_paths.merged, lead=lead), None
            return
        yield partial(access_paths.among_combinations, lead=lead), few
    if asked.text or asked.has_trigrams():
        # Of what is common the planner would try every row on the way.
        question.connection.exec_driver_sql("SET LOCAL enable_indexscan = off")
        yield access_paths.fetched, None


def _columns(question: Search) -> list[_Column]:
    """Those with an index of their own, the one with the fewest letters first."""
    names = question.asked.indexed_columns() & {*WITH_ID, *LEADS}
    return sorted(_Column(question.only(name).letters(access_paths.matching), name) for name in names)


def _lead(question: Search, columns: Sequence[_Column]) -> str | None:
    """The column whose index has the combinations; None for that of the facets alone."""
    asked = question.asked
    lead = None if asked.hold else next((column.name for column in columns if column.name in LEADS), None)
    many = lead in asked.several and len(question.values[lead]) > LEADING_VALUES
    return None if many and not asked.indexed_columns().isdisjoint(FACETS) else lead
