"""Ways to the newest dead letters that match, as statements.

Their parameters are those of what is asked for, `low` and `high` as bounds on the id, and `limit`.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Label,
    Select,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
)

from storage.dead_letters.search.compiled_query import CompiledQuery
from storage.dead_letters.search.filter_shape import FilterShape, between, parameter
from storage.dead_letters.search.index_expressions import WITH_ID, facet
from storage.dead_letters.search.skip_scan import SkipScan
from storage.tables import dead_letters

_compiled_once = lru_cache(maxsize=1_000)
"""A statement is a few kilobytes, and people ask for a few dozen combinations of columns."""
_LIMIT, _FEW = bindparam("limit", type_=Integer), bindparam("few", type_=Integer)
# Written out, not bound: the planner need not ask for them.
_ONE: ColumnElement[int] = literal_column("1")
_NOTHING: ColumnElement[int] = literal_column("0")
_ROW = dead_letters.c


@_compiled_once
def walk(asked: FilterShape) -> CompiledQuery:
    """The ids, from the newest to the oldest, passing over what does not match."""
    return CompiledQuery(_matching(asked).order_by(_ROW.id.desc()).limit(_LIMIT))


@_compiled_once
def along(asked: FilterShape, column: str | None) -> CompiledQuery:
    """The same along the index of one column, or of the ids, whatever else is asked for; to be bounded by an `end`."""
    if column is None:
        order, bounds = [_ROW.id], []
        matching = asked.conditions()
    else:
        order, bounds = [_ROW[column], _ROW.id], _between_ids_of(column)
        matching = asked.without([column]).conditions()
    # A query of its own, so that the planner takes no other index; this one's order has the column before the id.
    every = select(*order, _all_of(matching)).where(*bounds, *between())
    tried = every.order_by(*(each.desc() for each in order)).offset(_NOTHING).subquery("tried")
    newest_first = [tried.c[each.name].desc() for each in order]
    return CompiledQuery(select(tried.c.id).where(tried.c.matches).order_by(*newest_first).limit(_LIMIT))


@_compiled_once
def end(asked: FilterShape) -> CompiledQuery:
    """The id that a walk over `limit` letters ends before; no row if there are no more."""
    return CompiledQuery(_matching(asked).order_by(_ROW.id.desc()).offset(_LIMIT).limit(_ONE))


@_compiled_once
def merged(asked: FilterShape, lead: str | None) -> CompiledQuery:
    """The ids, merged from the combinations that are let in."""
    return CompiledQuery(SkipScan(asked, lead).newest(_LIMIT))


@_compiled_once
def among_written(asked: FilterShape) -> CompiledQuery:
    """What the indexes of words and errors let in, looked at."""
    columns = _ROW.id, _all_of(asked.besides())
    return _looked_at(select(*columns).where(*asked.let_in(), *between()), [])


@_compiled_once
def among_column(asked: FilterShape, column: str) -> CompiledQuery:
    """What has the values of one column, looked at."""
    rest = asked.without([column])
    of_it = select(_ROW.id, _all_of(rest.cheap())).where(*asked.only(column).conditions(), *between())
    if column not in WITH_ID:
        # In the words of its index.
        wanted = parameter(column) if column in asked.one else any_(parameter(column, several=True))
        of_it = of_it.where(_ROW[column].is_not(None), facet(_ROW, column) == wanted)
    return _looked_at(of_it, rest.let_in())


@_compiled_once
def among_combinations(asked: FilterShape, lead: str | None) -> CompiledQuery:
    """What the combinations let in, looked at for what must be written in it."""
    columns = _ROW.id, _all_of(asked.cheap())
    return _looked_at(SkipScan(asked.anyhow(), lead).every(columns), asked.let_in())


@_compiled_once
def fetched(asked: FilterShape) -> CompiledQuery:
    """The ids of everything that matches, found by indexes of all kinds and sorted."""
    conditions = asked.conditions() if asked.indexed_columns() else [*asked.let_in(), *asked.besides()]
    # A query of its own, so that the planner does not reckon with finding enough soon.
    found = select(_ROW.id).where(*conditions, *between()).offset(_NOTHING).subquery("found")
    return CompiledQuery(select(found.c.id).order_by(found.c.id.desc()).limit(_LIMIT))


@_compiled_once
def written(asked: FilterShape) -> CompiledQuery:
    """What the indexes of words and errors let in; to be estimated."""
    return CompiledQuery(select(_ROW.id).where(*asked.let_in()))


@_compiled_once
def matching(asked: FilterShape) -> CompiledQuery:
    """What matches, whenever it died; to be estimated."""
    return CompiledQuery(select(_ROW.id).where(*asked.conditions()))


def _matching(asked: FilterShape) -> Select[UUID]:
    return select(_ROW.id).where(*asked.conditions(), *between())


def _between_ids_of(column: str) -> list[ColumnElement[bool]]:
    """`between` for the letters with the one value of a column."""
    place, value = tuple_(_ROW[column], _ROW.id), parameter(column)
    low, high = (bindparam(name, type_=_ROW.id.type) for name in ("low", "high"))
    # Some of these indexes leave out the rows without a value.
    return [_ROW[column].is_not(None), place >= tuple_(value, low), place < tuple_(value, high)]


def _all_of(conditions: list[ColumnElement[bool]]) -> Label[bool]:
    return and_(true(), *conditions).label("matches")


def _looked_at(let_in: Select[Any], conditions: list[ColumnElement[bool]]) -> CompiledQuery:
    """How many are let in, counted to one more than `few`, and `limit` ids of those that match; none if it is more.

    Args:
        let_in: `id`, and in `matches` whether the conditions hold that are tried for all of them.
        conditions: tried from the newest on, until enough match.
    """
    some = let_in.limit(_FEW + _ONE).cte("let_in").prefix_with("MATERIALIZED", dialect="postgresql")
    letters = select(func.count()).select_from(some).scalar_subquery()
    newest = select(some.c.id).where(some.c.matches).order_by(some.c.id.desc()).offset(_NOTHING).subquery("newest")
    found = select(newest.c.id).select_from(newest.join(dead_letters, _ROW.id == newest.c.id))
    found = found.where(letters <= _FEW, *conditions).order_by(newest.c.id.desc()).limit(_LIMIT)
    return CompiledQuery(select(letters, func.array(found.scalar_subquery())))
