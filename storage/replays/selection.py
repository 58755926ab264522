"""Which dead letters a replay takes, which it leaves alone, and which it refuses at once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, false, func

from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.letter.repeatable import NO_EFFECT, marking_actors, repeatable_actors
from storage.dead_letters.search.filter import Filter, InvalidFilter
from storage.dead_letters.state import OPEN
from storage.tables import dead_letters

NOT_IDEMPOTENT = (
    " is not known to be idempotent, and its effect may have happened, so that repeating it may repeat that: replay it by id,"
    " or give the replay a reason why that is safe (unsafe_ok)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The open dead letters of a filter, less those whose effect may have happened, unless they are named or asked for.

    Attributes:
        filter: what was asked for. With ids in it, its dead letters are named one by one.
        include_unknown: also take `unknown_outcome` dead letters that are not named.
        unsafe_ok: also take those of actors that are not idempotent and whose effect may have happened, though they are not named.
        limit: only so many, the oldest; None for all. What is refused does not count.
        extra: further conditions, which no filter can say.
    """

    filter: Filter
    include_unknown: bool = False
    unsafe_ok: bool = False
    limit: int | None = None
    extra: tuple[ColumnElement[bool], ...] = ()

    def taken(self) -> list[ColumnElement[bool]]:
        """The conditions for what becomes an item.

        Raises:
            InvalidFilter: the filter asks for states that cannot be replayed.
        """
        row = dead_letters.c
        if self.include_unknown or self.filter.ids:
            return self._open()
        return [*self._open(), row.reason != DeadReason.UNKNOWN_OUTCOME.value]

    def held_back(self) -> list[ColumnElement[bool]]:
        """The conditions for what is left for a person to decide.

        Raises:
            InvalidFilter: the filter asks for states that cannot be replayed.
        """
        row = dead_letters.c
        left = not (self.include_unknown or self.filter.ids)
        return [*self._open(), row.reason == DeadReason.UNKNOWN_OUTCOME.value, *([] if left else [row.id.is_(None)])]

    def refusal(self) -> ColumnElement[str | None]:
        """Why a row is refused at once; NULL when it is not."""
        row = dead_letters.c
        whens: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = [
            (row.replay_refusal.is_not(None), row.replay_refusal)
        ]
        if not (self.unsafe_ok or self.filter.ids):
            untouched = row.actor.in_(marking_actors()) & (row.error["effect"].astext == NO_EFFECT)
            unsafe = row.actor.not_in(repeatable_actors()) & ~func.coalesce(untouched, false())
            whens.append((unsafe, row.actor.concat(NOT_IDEMPOTENT)))
        return case(*whens, else_=None)

    def _open(self) -> list[ColumnElement[bool]]:
        closed = [state for state in self.filter.states if state not in OPEN]
        if closed:
            raise InvalidFilter(
                f"{', '.join(closed)} dead letters cannot be replayed: use state {' or '.join(OPEN)}, or none"
            )
        return [*self.filter.conditions(), *self.extra, dead_letters.c.state.in_(OPEN)]
