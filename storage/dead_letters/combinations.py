"""Which combinations of facets there are, and the newest dead letters of each: pages without reading what does not match.

A walk from the newest to the oldest passes over everything that one condition lets in and another does not: all of it, where two dense
conditions never meet. But few combinations of provider, queue, actor, operation, reason and state exist, and an index that
is sorted by combination, then id, tells them by jumping from each to the next; those that match are merged, each newest first.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, func, literal, select, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from storage.searched import FACETS, facet, facets
from storage.tables import dead_letters

# Made once: making a copy of all columns takes as long as finding a page.
_ONE_OF_THEM = dead_letters.alias("one_of_them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Combinations:
    """The combinations of facets to look at.

    Attributes:
        facets: the values that match, by column; each shorter than `storage.searched.FACET_LIMIT`.
        lead: a column of `storage.searched.LEADS` whose index is used, with the values that match.
        held: only what is under hold.
        rest: further conditions, on `dead_letters`; each row that the combinations let in is tried.
    """

    facets: dict[str, tuple[Any, ...]]
    lead: tuple[str, tuple[Any, ...]] | None = None
    held: bool = False
    rest: list[ColumnElement[bool]] = field(default_factory=list)

    def newest(self, *, limit: int) -> Select[UUID]:
        """The ids of the newest that match, newest first."""
        every = self._every()
        chosen = (
            select(every)
            .where(*(every.c[name].in_(wanted) for name, wanted in self.facets.items()))
            .cte("chosen")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        # A combination whose newest comes after the newest of `limit` others has no part in the page.
        first = self._of(chosen, 1).lateral("first")
        leading = select(chosen, first.c.id.label("newest")).join(first, true())
        leading = leading.order_by(first.c.id.desc()).limit(limit)
        led = leading.cte("leading")
        rows = self._of(led, limit).lateral("found")
        return select(rows.c.id).select_from(led.join(rows, true())).order_by(rows.c.id.desc()).limit(limit)

    def _every(self) -> CTE:
        """All combinations there are, from a recursion that asks the index for the next greater one."""
        begun, known = self._leads(), self._beginning()
        before_them = tuple_(*(literal(known.get(name, "")) for name in FACETS)) if known else None
        first = self._next(begun, before_them).lateral("one")
        every = select(*begun.c, *(first.c[name] for name in FACETS)).join(first, true()).cte("every", recursive=True)
        following = self._next(every, tuple_(*(every.c[name] for name in FACETS))).lateral("following")
        step = select(*(every.c[each.name] for each in begun.c), *(following.c[name] for name in FACETS))
        within = [following.c[name] == value for name, value in known.items()]
        return every.union_all(step.select_from(every.join(following, true())).where(*within))

    def _leads(self) -> Any:
        if self.lead is None:
            return select(func.now().label("lead")).subquery("leads")
        name, wanted = self.lead
        # Not VALUES, which SQLAlchemy compiles anew for every page.
        return select(func.unnest(literal(list(wanted), ARRAY(dead_letters.c[name].type))).label("lead")).subquery(
            "leads"
        )

    def _next(self, before: Any, last: Any) -> Select[Any]:
        row = _ONE_OF_THEM
        order = facets(row.c)
        query = select(*(each.label(name) for name, each in zip(FACETS, order, strict=True)))
        query = query.where(*self._within(row, before)).order_by(*order).limit(1)
        return query if last is None else query.where(tuple_(*order) > last)

    def _beginning(self) -> dict[str, Any]:
        """As many of the index's first columns as are asked for with one value each: the recursion begins and ends with them."""
        # Not the last column: what comes after a combination that is known whole is not that combination.
        asked = ((name, self.facets.get(name, ())) for name in FACETS[:-1])
        return {name: wanted[0] for name, wanted in itertools.takewhile(lambda each: len(each[1]) == 1, asked)}

    def _of(self, combination: Any, limit: int) -> Select[UUID]:
        equal = [facet(dead_letters.c, name) == combination.c[name] for name in FACETS]
        query = select(dead_letters.c.id).where(*self._within(dead_letters, combination), *equal, *self.rest)
        return query.order_by(dead_letters.c.id.desc()).limit(limit)

    def _within(self, row: Any, combination: Any) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [row.c.hold] if self.held else []
        if self.lead is not None:
            name = self.lead[0]
            found += [row.c[name].is_not(None), facet(row.c, name) == combination.c.lead]
        return found
