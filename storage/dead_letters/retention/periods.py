"""How long dead letters are kept once nothing is left to decide about them; until then, for ever."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import ColumnElement, case, func, or_
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from storage.dead_letters.state import OPEN, State
from storage.tables import dead_letters

KEPT = timedelta(days=30)
Columns = ReadOnlyColumnCollection[str, Any]


class Why(StrEnum):
    """Why a dead letter stays."""

    HELD = "legal hold"
    OPEN = "no decision yet"
    REPLAYED = "its replay has not ended"
    RECENT = "finished too recently"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The periods, each from the moment that a dead letter was finished.

    Those that are failed or reviewing, or whose replay has not ended, have none: they are never deleted. Nor is one under legal hold.

    Attributes:
        discarded: those that a person discarded.
        recovered: those whose job was done after all.
        superseded: those whose replay died, too: that has a dead letter of its own.
        replays: replays that have ended, from their end.
    """

    discarded: timedelta = KEPT
    recovered: timedelta = KEPT
    superseded: timedelta = KEPT
    replays: timedelta = KEPT

    @classmethod
    def of(
        cls, finished: timedelta = KEPT, *, discarded: timedelta | None = None, recovered: timedelta | None = None
    ) -> Self:
        """One period for everything, with others for some."""
        return cls(
            discarded=finished if discarded is None else discarded,
            recovered=finished if recovered is None else recovered,
            superseded=finished,
            replays=finished,
        )

    @property
    def shortest(self) -> timedelta:
        """A dead letter that died less than this ago cannot be over."""
        return min(self.discarded, self.recovered, self.superseded)

    @property
    def longest(self) -> timedelta:
        return max(self.discarded, self.recovered, self.superseded)

    def why_kept(self, now: datetime, row: Columns = dead_letters.c) -> ColumnElement[str | None]:
        """In SQL, of a row of `dead_letters` or of a table like it: a `Why`; null when its retention is over."""
        # A release that did not know `finished_at` changed such a row for the last time when it finished it.
        finished_at = func.coalesce(row.finished_at, row.updated_at)
        over = or_(
            (row.state == State.DISCARDED) & (finished_at < now - self.discarded),
            (row.state == State.RECOVERED) & (finished_at < now - self.recovered),
            (row.state == State.REQUEUED) & (finished_at < now - self.superseded),
        )
        return case(
            (row.hold, Why.HELD),
            (row.state.in_(OPEN), Why.OPEN),
            ((row.state == State.REQUEUED) & row.superseded_by.is_(None), Why.REPLAYED),
            (over, None),
            else_=Why.RECENT,
        )

    def over(self, now: datetime, row: Columns = dead_letters.c) -> ColumnElement[bool]:
        """In SQL: nothing keeps it."""
        return self.why_kept(now, row).is_(None)
