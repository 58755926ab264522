"""What is asked of the dead letters in one transaction, to be put to them in one way or another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Connection, Row, select

from storage.dead_letters.search.compiled_query import CompiledQuery
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.filter_shape import FilterShape
from storage.dead_letters.search.full_text import has_trigrams

_LOWEST, _HIGHEST = UUID(int=0), UUID(int=(1 << 128) - 1)
Way = Callable[[FilterShape], CompiledQuery]
"""One of `storage.dead_letters.search.access_paths`."""


@dataclass(frozen=True, slots=True)
class Search:
    """A filter within bounds.

    Attributes:
        asked: what the filter asks for; its bounds on time are in these:
        low, high: the ids in question, from `low` on, below `high`.
        values: the other parameters.
    """

    connection: Connection
    asked: FilterShape
    values: dict[str, Any]
    low: UUID = _LOWEST
    high: UUID = _HIGHEST

    @classmethod
    def of(cls, connection: Connection, filter_: Filter, *, after: UUID | None) -> Self:
        """What the filter lets in below `after`."""
        values = filter_.values()
        high = min(values.pop("until", _HIGHEST), after or _HIGHEST)
        asked = filter_.asked().anytime()
        if asked.error:
            ((trigrams,),) = _trigrams().rows(connection, values)
            asked = asked._replace(trigrams=trigrams)
        return cls(connection, asked, values, values.pop("since", _LOWEST), high)

    def from_(self, low: UUID) -> Self:
        return replace(self, low=low)

    def below(self, high: UUID) -> Self:
        return replace(self, high=high)

    def only(self, column: str) -> Self:
        """Within the same bounds what one column is asked for."""
        return replace(self, asked=self.asked.only(column))

    def unfiltered(self) -> Self:
        """Everything within the same bounds."""
        return replace(self, asked=FilterShape())

    def ids(self, way: Way, limit: int) -> list[UUID]:
        return [id_ for (id_,) in self._rows(way, limit)]

    def among(self, way: Way, limit: int, *, few: int) -> list[UUID] | None:
        """The ids of the newest that match; None if more than `few` would have to be tried."""
        letters, found = self._rows(way, limit, few=few)[0]
        return None if letters > few else found

    def letters(self, way: Way) -> int:
        """How many there are, as PostgreSQL's statistics have it: near enough for one column, and for words that are common."""
        return way(self.asked).estimate(self.connection, self.values)

    def _rows(self, way: Way, limit: int, **more: int) -> Sequence[Row[*tuple[Any, ...]]]:
        bounds = {"low": self.low, "high": self.high, "limit": limit}
        return way(self.asked).rows(self.connection, self.values | bounds | more)


@cache
def _trigrams() -> CompiledQuery:
    return CompiledQuery(select(has_trigrams()))
