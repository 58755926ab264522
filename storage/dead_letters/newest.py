"""The ids of the newest dead letters that match, by attempts that are bounded each; the last one always gives the answer.

What is common is among the newest. What is rare is tried whole. What is neither is merged from combinations of facets.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from storage.dead_letters import ways
from storage.dead_letters.question import Question
from storage.searched import FACETS, LEADS, WITH_ID

WALKED, WALKED_FOR_WORDS = 1_000, 4_000
"""So many of the newest are tried one by one; more where the other ways cost more."""
FEW = 5_000
"""So many that conditions on columns let in are tried whole, for words, too."""
FEW_WITH_WORDS = 15_000
"""So many that an index of words lets in: the other conditions cost less."""
LEADING_VALUES = 8
"""With more values than this a column does not lead: the combinations would be told for each of them."""


class _Column(NamedTuple):
    """A column that is asked for, and how many letters have its values."""

    letters: int
    name: str


def newest(question: Question, limit: int) -> list[UUID]:
    """So many ids, the newest first; fewer if there are no more."""
    asked = question.asked
    if asked.in_order():
        return question.ids(ways.walk, limit)
    if asked.searches() and question.letters(ways.written) <= FEW_WITH_WORDS:
        found = question.among(ways.among_written, limit, few=FEW_WITH_WORDS)
        if found is not None:
            return found
    return _near_then_far(question, limit)


def _near_then_far(question: Question, limit: int) -> list[UUID]:
    walked = WALKED_FOR_WORDS if question.asked.searches() else WALKED
    # Before the walk: what comes meanwhile is then in neither part, not in both.
    end = question.unfiltered().ids(ways.end, walked)
    if not end:
        return question.ids(ways.walk, limit)
    found = question.from_(end[0]).ids(ways.walk, limit)
    return found if len(found) == limit else found + _far(question.below(end[0]), limit - len(found))


def _far(question: Question, limit: int) -> list[UUID]:
    columns = _columns(question)
    if columns and columns[0].letters <= FEW:
        found = question.among(partial(ways.among_column, column=columns[0].name), limit, few=FEW)
        if found is not None:
            return found
    if not question.asked.has_combinations():
        return _fetched(question, limit) if question.asked.searches() else question.ids(ways.walk, limit)
    lead = _lead(question, columns)
    if not question.asked.searches():
        return question.ids(partial(ways.merged, lead=lead), limit)
    found = question.among(partial(ways.among_combinations, lead=lead), limit, few=FEW)
    return _fetched(question, limit) if found is None else found


def _fetched(question: Question, limit: int) -> list[UUID]:
    # Of what is common the planner would try every row on the way.
    question.connection.exec_driver_sql("SET LOCAL enable_indexscan = off")
    found = question.ids(ways.fetched, limit)
    question.connection.exec_driver_sql("SET LOCAL enable_indexscan = on")
    return found


def _columns(question: Question) -> list[_Column]:
    """Those with an index of their own, the one with the fewest letters first."""
    names = question.asked.indexed_columns() & {*WITH_ID, *LEADS}
    return sorted(_Column(question.only(name).letters(ways.matching), name) for name in names)


def _lead(question: Question, columns: Sequence[_Column]) -> str | None:
    """The column whose index tells the combinations; None for that of the facets alone."""
    asked = question.asked
    lead = None if asked.hold else next((column.name for column in columns if column.name in LEADS), None)
    many = lead in asked.several and len(question.values[lead]) > LEADING_VALUES
    return None if many and not asked.indexed_columns().isdisjoint(FACETS) else lead
