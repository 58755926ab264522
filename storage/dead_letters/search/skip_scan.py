"""Which combinations of values there are in an index, and the newest dead letters of each: pages without reading what does not match.

A walk from the newest to the oldest passes over everything that one condition lets in and another does not: all of it, where two dense
conditions never meet. But few combinations of provider, queue, actor, operation, reason and state exist, and an index that is sorted by
combination, then id, has them: the values of the filter are looked up, and for the columns between them each existing value
is found by a jump from the previous one. Matches are merged, each combination newest first.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Label, Select, func, literal_column, select, true, tuple_

from storage.dead_letters.search.filter_shape import FilterShape, between, parameter
from storage.dead_letters.search.index_expressions import FACETS, WITH_ID, facet
from storage.tables import dead_letters

_ONE: ColumnElement[int] = literal_column("1")
# Made once: making a copy of all columns takes as long as finding a page.
_ONE_OF_THEM = dead_letters.alias("one_of_them")


@dataclass(frozen=True)
class SkipScan:
    """The combinations that a filter accepts, in the index that has them.

    Attributes:
        asked: what the filter asks for: a column that is not long, or its hold.
        lead: the one of `storage.dead_letters.search.index_expressions.LEADS` whose index is taken; None for that of the facets alone.
    """

    asked: FilterShape
    lead: str | None = None

    def newest(self, limit: ColumnElement[int]) -> Select[UUID]:
        """The ids of the newest that match, newest first."""
        chosen = self._chosen()
        # A combination whose newest comes after the newest of `limit` others has no part in the page.
        id_ = dead_letters.c.id
        first = self._of(chosen, id_).order_by(id_.desc()).limit(_ONE).lateral("first")
        leading = select(*chosen.c, first.c.id.label("newest")).select_from(chosen.join(first, true()))
        led = leading.order_by(first.c.id.desc()).limit(limit).cte("leading")
        rows = self._of(led, id_).order_by(id_.desc()).limit(limit).lateral("found")
        return select(rows.c.id).select_from(led.join(rows, true())).order_by(rows.c.id.desc()).limit(limit)

    def every(self, columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
        """Columns of all that match, in no order."""
        chosen = self._chosen()
        rows = self._of(chosen, *columns).lateral("found")
        return select(*rows.c).select_from(chosen.join(rows, true()))

    def _chosen(self) -> FromClause:
        found: FromClause | None = None
        runs = itertools.groupby(self._columns, self.asked.indexed_columns().__contains__)
        for number, (given, names) in enumerate(runs):
            found = (self._looked_up if given else self._jumped_to)(found, tuple(names), number)
        assert found is not None
        return found

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        """Those of the index before the id, in its order."""
        given = self.asked.indexed_columns()
        if not self.asked.hold and len(given) == 1 and given <= WITH_ID:
            return tuple(given)
        return FACETS if self.lead is None else (self.lead, *FACETS)

    def _looked_up(self, before: FromClause | None, names: tuple[str, ...], number: int) -> FromClause:
        """Each combination with each of the values of the filter; the next step finds out whether it exists."""
        sources = [] if before is None else [before]
        columns: list[ColumnElement[Any]] = [*before.c] if before is not None else []
        for name in names:
            if name in self.asked.one:
                columns.append(parameter(name).label(name))
            else:
                columns.append(func.unnest(parameter(name, several=True)).column_valued(f"each_{name}").label(name))
        return select(*columns).select_from(*sources).subquery(f"looked_up_{number}")

    def _jumped_to(self, before: FromClause | None, names: tuple[str, ...], number: int) -> FromClause:
        """Each combination with every value that there is behind it: a recursion asks the index for the next greater one."""
        first = self._next(before, names).lateral(f"least_{number}")
        begin = select(first) if before is None else select(*before.c, *first.c).select_from(before.join(first, true()))
        combinations = begin.cte(f"combinations_{number}", recursive=True)
        following = self._next(combinations, names, greater=True).lateral(f"following_{number}")
        kept = [each for each in combinations.c if each.name not in names]
        return combinations.union_all(select(*kept, *following.c).select_from(combinations.join(following, true())))

    def _next(self, before: FromClause | None, names: tuple[str, ...], *, greater: bool = False) -> Select[Any]:
        row = _ONE_OF_THEM
        order: list[Label[Any]] = [self._indexed(row, name).label(name) for name in names]
        query = select(*order).where(*self._predicate(row)).order_by(*(each.element for each in order))
        query = query.limit(_ONE)
        if before is not None:
            query = query.where(*self._equal(row, before, (each.name for each in before.c if each.name not in names)))
            if greater:
                last = tuple_(*(before.c[name] for name in names))
                query = query.where(tuple_(*(each.element for each in order)) > last)
        return query

    def _of(self, combination: FromClause, *columns: ColumnElement[Any]) -> Select[Any]:
        rest = self.asked.without(self._columns).conditions()
        equal = self._equal(dead_letters, combination, self._columns)
        return select(*columns).where(*self._predicate(dead_letters), *equal, *rest, *between())

    def _equal(self, row: FromClause, combination: FromClause, names: Iterable[str]) -> list[ColumnElement[bool]]:
        return [self._indexed(row, name) == combination.c[name] for name in names]

    def _indexed(self, row: FromClause, name: str) -> ColumnElement[Any]:
        return row.c[name] if len(self._columns) == 1 else facet(row.c, name)

    def _predicate(self, row: FromClause) -> list[ColumnElement[bool]]:
        """What the index holds; only then PostgreSQL uses it."""
        if self.asked.hold:
            return [row.c.hold]
        return [] if self.lead is None else [row.c[self.lead].is_not(None)]
