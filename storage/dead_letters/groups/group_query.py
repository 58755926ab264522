"""Which groups of failures, in which order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, and_, or_

from storage.dead_letters.search.filter import Filter, InvalidFilter
from storage.dead_letters.state import OPEN, State
from storage.tables import dead_letter_groups

_row = dead_letter_groups.c
OPEN_LETTERS: ColumnElement[int] = sum((_row[state.value] for state in OPEN[1:]), start=_row[OPEN[0].value])
ALL_LETTERS: ColumnElement[int] = sum(
    (_row[state.value] for state in list(State)[1:]), start=_row[next(iter(State)).value]
)


class GroupOrder(StrEnum):
    """What the first group of a list has most of."""

    OPEN = "open"
    """Letters without a decision."""
    LAST_SEEN = "last_seen"
    TOTAL = "total"


_ORDERS: dict[GroupOrder, ColumnElement[Any]] = {
    GroupOrder.OPEN: OPEN_LETTERS,
    GroupOrder.LAST_SEEN: _row.last_seen,
    GroupOrder.TOTAL: ALL_LETTERS,
}


class GroupCursor(NamedTuple):
    """Where a page ended. Numbers change while people read: a group that has moved meanwhile may be seen twice or not at all."""

    order: GroupOrder
    value: int | datetime
    fingerprint: str

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return f"{self.order},{value},{self.fingerprint}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises: InvalidFilter: it is none that a page has named."""
        try:
            name, value, fingerprint = text.split(",")
            order = GroupOrder(name)
            if order is GroupOrder.LAST_SEEN:
                instant = datetime.fromisoformat(value)
                if instant.tzinfo is not None:
                    return cls(order, instant, fingerprint)
            elif abs(number := int(value)) < 2**63 and "\x00" not in fingerprint:
                return cls(order, number, fingerprint)
        except ValueError:
            pass
        raise InvalidFilter(f"{text!r} is no page: copy the `next` that the page before it named")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupQuery:
    """Every condition that is set must hold; one with several values holds for any of them.

    Attributes:
        any_state: also groups in which all letters have a decision.
        since: last seen at or after.
    """

    providers: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    error_types: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    any_state: bool = False
    since: datetime | None = None
    order: GroupOrder = GroupOrder.OPEN

    @classmethod
    def parse(
        cls,
        *,
        now: datetime,
        provider: Iterable[str] = (),
        operation: Iterable[str] = (),
        error_type: Iterable[str] = (),
        any_state: bool = False,
        since: str | None = None,
        order: str = GroupOrder.OPEN,
    ) -> Self:
        """A query from what a person typed; `since` as `Filter.parse` reads it.

        Raises:
            InvalidFilter: with what to write instead.
        """
        return cls(
            providers=_texts("provider", provider),
            operations=_texts("operation", operation),
            error_types=_texts("error type", error_type),
            any_state=any_state,
            since=Filter.parse(now=now, since=since).since,
            order=GroupOrder(order),
        )

    def conditions(self, after: GroupCursor | None = None) -> list[ColumnElement[bool]]:
        """As SQL, to be joined by AND.

        Raises:
            InvalidFilter: `after` is of a list in another order.
        """
        chosen = (
            (_row.provider, self.providers),
            (_row.operation, self.operations),
            (_row.error_type, self.error_types),
            (_row.fingerprint, self.fingerprints),
        )
        found: list[ColumnElement[bool]] = [column.in_(values) for column, values in chosen if values]
        found.append((ALL_LETTERS if self.any_state else OPEN_LETTERS) > 0)
        if self.since:
            found.append(_row.last_seen >= self.since)
        if after:
            found.append(self._behind(after))
        return found

    def ordering(self) -> tuple[ColumnElement[Any], ...]:
        return (_ORDERS[self.order].desc(), _row.fingerprint.desc())

    def cursor(self, group: Any) -> GroupCursor:
        """Of the page that ends with this row."""
        return GroupCursor(self.order, group.position, group.fingerprint)

    @property
    def position(self) -> ColumnElement[Any]:
        """What the list is ordered by."""
        return _ORDERS[self.order]

    def _behind(self, after: GroupCursor) -> ColumnElement[bool]:
        if after.order is not self.order:
            raise InvalidFilter(
                f"that page is of a list by {after.order}, and this one is by {self.order}: begin with the first page"
            )
        by = _ORDERS[self.order]
        return or_(by < after.value, and_(by == after.value, _row.fingerprint < after.fingerprint))


def _texts(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    found = tuple(texts)
    for text in found:
        if not text.strip() or "\x00" in text:
            raise InvalidFilter(f"{name} {text!r} can match nothing: leave it out to match everything")
    return found
