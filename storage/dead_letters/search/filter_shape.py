"""What a filter asks for, whatever the values: its conditions with parameters in their place."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from sqlalchemy import BindParameter, ColumnElement, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.visitors import replacement_traverse

from storage.dead_letters.search.full_text import in_error, maybe_with_words, with_error, with_words
from storage.dead_letters.search.index_expressions import WITH_ID
from storage.tables import dead_letters


class FilterShape(NamedTuple):
    """Equal for filters that are the same statement with other values.

    Attributes:
        one: columns that must have one value.
        several: columns that must have one of several values.
        long: those of both with a value that indexes do not hold whole: as long as
        `storage.dead_letters.search.index_expressions.FACET_LIMIT`, or longer.
        hold: as the filter has it.
        ids, since, until, error, text: whether the filter has them.
        trigrams: whether an index can find the part of an error; see `storage.dead_letters.search.full_text.has_trigrams`.
    """

    one: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    long: frozenset[str] = frozenset()
    hold: bool | None = None
    ids: bool = False
    since: bool = False
    until: bool = False
    error: bool = False
    text: bool = False
    trigrams: bool = True

    def indexed_columns(self) -> frozenset[str]:
        """The columns whose values indexes hold whole."""
        return frozenset((*self.one, *self.several)) - self.long

    def has_combinations(self) -> bool:
        """Whether an index of combinations is sorted by something that is asked for."""
        return bool(self.hold or self.indexed_columns())

    def in_order(self) -> bool:
        """Whether an index has all of it in the order of the ids."""
        more = self.searches() or self.hold is not None or self.several or not WITH_ID.issuperset(self.one)
        return self.ids or not (more or len(self.one) > 1)

    def is_in_order_of(self, column: str) -> bool:
        """Whether an index has what one column is asked for in the order of the ids."""
        return column in WITH_ID and column in self.one and column not in self.long

    def searches(self) -> bool:
        """Whether it asks for what is written in a dead letter; the part of a filter that costs the most."""
        return self.error or self.text

    def has_trigrams(self) -> bool:
        """Whether it contains a part of an error that an index can find."""
        return self.error and self.trigrams

    def conditions(self) -> list[ColumnElement[bool]]:
        """To be joined by AND, what is cheap first; the parameters are those of `Filter.values`."""
        return [*self.cheap(), *self.let_in()]

    def cheap(self) -> list[ColumnElement[bool]]:
        """The conditions that let in all that match, and little else; what `let_in` asks besides takes long for a row."""
        row = dead_letters.c
        found: list[ColumnElement[bool]] = [row[column] == parameter(column) for column in self.one]
        found += [row[column] == any_(parameter(column, several=True)) for column in self.several]
        if self.ids:
            found.append(row.id == any_(parameter("id", several=True)))
        if self.hold is not None:
            found.append(row.hold if self.hold else ~row.hold)
        # Bounds on the id, which begins with the time: only the partitions in between are read.
        if self.since:
            found.append(row.id >= bindparam("since", type_=row.id.type))
        if self.until:
            found.append(row.id < bindparam("until", type_=row.id.type))
        return [*found, *([in_error(row)] if self.error else []), *([maybe_with_words(row)] if self.text else [])]

    def let_in(self) -> list[ColumnElement[bool]]:
        """The conditions on what is written in a dead letter, as the indexes answer them."""
        row = dead_letters.c
        return [*([with_error(row)] if self.has_trigrams() else []), *([with_words(row)] if self.text else [])]

    def besides(self) -> list[ColumnElement[bool]]:
        """The conditions on what these indexes have let in."""
        return self._replace(text=False).cheap()

    def anyhow(self) -> Self:
        """The same without its text and its part of an error."""
        return self._replace(error=False, text=False)

    def anytime(self) -> Self:
        """The same without its bounds on time."""
        return self._replace(since=False, until=False)

    def only(self, column: str) -> Self:
        """Nothing but one column."""
        one, several = (tuple(name for name in names if name == column) for names in (self.one, self.several))
        return type(self)(one=one, several=several)

    def without(self, columns: Iterable[str]) -> Self:
        """The same without these columns, unless they are long."""
        done = frozenset(columns) - self.long
        one = tuple(name for name in self.one if name not in done)
        return self._replace(one=one, several=tuple(name for name in self.several if name not in done))


def between() -> list[ColumnElement[bool]]:
    """Bounds on the id: from the parameter `low` on, below the parameter `high`."""
    id_ = dead_letters.c.id
    return [id_ >= bindparam("low", type_=id_.type), id_ < bindparam("high", type_=id_.type)]


def parameter(column: str, *, several: bool = False) -> ColumnElement[object]:
    """The value, or the values, that a column is asked for."""
    kind = dead_letters.c[column].type
    return bindparam(column, type_=ARRAY(kind) if several else kind)


def with_values(condition: ColumnElement[bool], values: Mapping[str, Any]) -> ColumnElement[bool]:
    """The condition with values in place of its parameters, for a statement that has others by these names."""

    def value(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.key in values:
            return bindparam(element.key, values[element.key], type_=element.type, unique=True)
        return None

    return replacement_traverse(condition, {}, value)
