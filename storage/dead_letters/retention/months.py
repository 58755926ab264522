"""The months that dead letters are kept in: spans of ids, which begin with the time of death (storage/dead_letters/letter/identity.py)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_MONTH = timedelta(days=32)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month in UTC.

    Attributes:
        start: its first instant.
    """

    start: datetime

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """The month that an instant lies in."""
        return cls(instant.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0))

    @property
    def next(self) -> "Month":
        return Month.of(self.start + _LONGEST_MONTH)

    @property
    def partition(self) -> str:
        """The table that holds it."""
        return f"dead_letters_{self.start:%Y_%m}"

    @property
    def first_id(self) -> UUID:
        """No dead letter of this month has a lower id, and none of an earlier month one as high."""
        return first_id(self.start)

    def holds(self, ids: Collection[UUID]) -> bool:
        """Whether any of these ids is of this month."""
        return any(self.first_id <= id_ < self.next.first_id for id_ in ids)


def first_id(instant: datetime) -> UUID:
    """No id of who dies from this instant on is lower."""
    return UUID(int=((instant - _EPOCH) // timedelta(milliseconds=1)) << 80)
