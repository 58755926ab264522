"""Pages of dead letters, newest first: the way that reads the least for each filter. docs/adr/0007 says what each costs."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, func, select

from storage.dead_letters.combinations import Combinations
from storage.dead_letters.filter import Filter
from storage.dead_letters.stored import Summary
from storage.searched import FACET_LIMIT, LEADS
from storage.tables import dead_letters

PAGE_SIZE = 50
_WITH_ID = frozenset({"reason", "state", "provider", "fingerprint", "tenant"})
_PLANNING = {
    # A plan for any values misses the indexes on these.
    "plan_cache_mode": "force_custom_plan",
    # Compiling a query of milliseconds takes longer than the query.
    "jit": "off",
    # The planner takes every combination for a small one, and would read it whole and sort it.
    "enable_sort": "off",
    "enable_seqscan": "off",
}
"""Of the transaction in which a page is read."""
WALKED = 4_000
"""So many of the newest are looked at one by one before an index of words is asked: what is common is among them."""


class Page(NamedTuple):
    """A part of a list, newest first. `after` leads to the next part; None at the end."""

    rows: list[Summary]
    after: UUID | None


def page(connection: Connection, filter_: Filter, *, limit: int = PAGE_SIZE, after: UUID | None = None) -> Page:
    """One page of the matching dead letters. Costs the same for the first page and the thousandth."""
    connection.execute(select(*(func.set_config(name, value, True) for name, value in _PLANNING.items())))
    ids = _ids(connection, filter_, limit + 1, after)
    row = dead_letters.c
    query = select(*Summary.columns()).where(row.id.in_(ids[:limit])).order_by(row.id.desc())
    rows = [Summary.of(each) for each in connection.execute(query)] if ids else []
    return Page(rows, ids[limit - 1] if len(ids) > limit else None)


def _ids(connection: Connection, filter_: Filter, limit: int, after: UUID | None) -> list[UUID]:
    row = dead_letters.c
    below: list[ColumnElement[bool]] = [] if after is None else [row.id < after]
    if filter_.searches() and not filter_.ids:
        return _searched(connection, filter_, limit, below)
    return list(connection.execute(_found(filter_, limit, below)).scalars())


def _found(filter_: Filter, limit: int, below: list[ColumnElement[bool]]) -> Select[UUID]:
    combinations = _combinations(filter_, below)
    return _walk([*filter_.conditions(), *below], limit) if combinations is None else combinations.newest(limit=limit)


def _walk(conditions: list[ColumnElement[bool]], limit: int) -> Select[UUID]:
    row = dead_letters.c
    return select(row.id).where(*conditions).order_by(row.id.desc()).limit(limit)


def _combinations(filter_: Filter, below: list[ColumnElement[bool]]) -> Combinations | None:
    """None where an index over one condition and the id, or the id alone, is as good."""
    facets, owned = _indexed(filter_.facets()), _indexed(filter_.owned_by())
    lead = next(((name, owned[name]) for name in LEADS if name in owned), None)
    chosen = {**facets, **owned}
    if filter_.ids or not (chosen or filter_.hold) or _has_its_index(chosen, hold=bool(filter_.hold)):
        return None
    return Combinations(facets=facets, lead=lead, held=bool(filter_.hold), rest=[*filter_.conditions(), *below])


def _has_its_index(chosen: dict[str, tuple[object, ...]], *, hold: bool) -> bool:
    """Whether it is one value of a column that has an index together with the id."""
    return (
        not hold and len(chosen) == 1 and all(name in _WITH_ID and len(values) == 1 for name, values in chosen.items())
    )


def _indexed(conditions: Mapping[str, tuple[object, ...]]) -> dict[str, tuple[object, ...]]:
    """Those whose values the indexes hold whole."""
    return {
        column: values
        for column, values in conditions.items()
        if not any(isinstance(value, str) and len(value) >= FACET_LIMIT for value in values)
    }


def _searched(connection: Connection, filter_: Filter, limit: int, below: list[ColumnElement[bool]]) -> list[UUID]:
    """What is common is found among the newest at once; what is not is rare enough to be fetched whole and sorted.

    One statement would leave the choice to the planner, which takes the first way for words that never occur: minutes instead of nothing.
    """
    conditions = [*filter_.conditions(), *below]
    end = connection.execute(_walk([*filter_.span(), *below], 1).offset(WALKED)).scalar_one_or_none()
    row = dead_letters.c
    near = [row.id > end] if end else []
    found = list(connection.execute(_walk([*conditions, *near], limit)).scalars())
    if end is None or len(found) == limit:
        return found
    rest = (
        select(row.id).where(*conditions, row.id <= end).cte("rest").prefix_with("MATERIALIZED", dialect="postgresql")
    )
    older = select(rest.c.id).order_by(rest.c.id.desc()).limit(limit - len(found))
    return found + list(connection.execute(older).scalars())
