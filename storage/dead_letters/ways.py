"""Ways to the newest dead letters that match, as statements.

Their parameters are those of what is asked for, `low` and `high` as bounds on the id, and `limit`.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, any_, bindparam, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from storage.dead_letters.asked import Asked, between, parameter
from storage.dead_letters.combinations import Combinations
from storage.dead_letters.told import Told
from storage.searched import WITH_ID, Row, facet
from storage.tables import dead_letters

_told = lru_cache(maxsize=1_000)
"""A statement is a few kilobytes, and people ask for a few dozen combinations of columns."""
_LIMIT = bindparam("limit", type_=Integer)
_ROW = dead_letters.c


@_told
def walk(asked: Asked) -> Told:
    """The ids, from the newest to the oldest, passing over what does not match."""
    return Told(_matching(asked).order_by(_ROW.id.desc()).limit(_LIMIT))


@_told
def end(asked: Asked) -> Told:
    """The id that a walk over `limit` letters ends before; no row if there are no more."""
    return Told(_matching(asked).order_by(_ROW.id.desc()).offset(_LIMIT).limit(literal_column("1")))


@_told
def merged(asked: Asked, lead: str | None) -> Told:
    """The ids, merged from the combinations that are let in."""
    return Told(Combinations(asked, lead).newest(_LIMIT))


@_told
def among_written(asked: Asked) -> Told:
    """What the indexes of words and errors let in, looked at."""
    return _looked_at(select(dead_letters).where(*asked.let_in(), *between()), asked.besides)


@_told
def among_column(asked: Asked, column: str) -> Told:
    """What has the values of one column, looked at."""
    return _looked_at(_of_column(asked, column), asked.without([column]).conditions)


@_told
def among_combinations(asked: Asked, lead: str | None) -> Told:
    """What the combinations let in, looked at for what must be written in it."""
    return _looked_at(Combinations(asked.anyhow(), lead).every(), asked.conditions)


@_told
def fetched(asked: Asked) -> Told:
    """The ids of everything that matches, found by indexes of all kinds and sorted."""
    conditions = asked.conditions() if asked.indexed_columns() else [*asked.let_in(), *asked.besides(_ROW)]
    # A query of its own, so that the planner does not reckon with finding enough soon.
    found = select(_ROW.id).where(*conditions, *between()).offset(literal_column("0")).subquery("found")
    return Told(select(found.c.id).order_by(found.c.id.desc()).limit(_LIMIT))


@_told
def written(asked: Asked) -> Told:
    """What the indexes of words and errors let in; to be estimated."""
    return Told(select(_ROW.id).where(*asked.let_in()))


@_told
def of_column(asked: Asked, column: str) -> Told:
    """What has the values of one column; to be estimated."""
    return Told(select(_ROW.id).where(*asked.only(column).conditions()))


def _matching(asked: Asked) -> Select[UUID]:
    return select(_ROW.id).where(*asked.conditions(), *between())


def _of_column(asked: Asked, column: str) -> Select[Any]:
    """In the words of an index."""
    found = select(dead_letters).where(*asked.only(column).conditions(), *between())
    if column in WITH_ID:
        return found
    wanted = parameter(column) if column in asked.one else any_(parameter(column, several=True))
    return found.where(_ROW[column].is_not(None), facet(_ROW, column) == wanted)


def _looked_at(let_in: Select[Any], conditions: Callable[[Row], list[ColumnElement[bool]]]) -> Told:
    """How many are let in, counted to `limit`, and the ids of those that match, the newest first."""
    some = let_in.limit(_LIMIT).subquery("let_in")
    newest = aggregate_order_by(some.c.id, some.c.id.desc())
    return Told(select(func.count(), func.array_agg(newest).filter(and_(true(), *conditions(some.c)))))
