"""Which dead letters a replay takes, and what it would do with them."""

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain

from sqlalchemy import Connection, select

from storage.dead_letters import Filter, Group, count_by, forecast
from storage.dead_letters.replay import replayable
from storage.reason import Reason
from storage.state import OPEN
from storage.tables import dead_letters
from workers.replay_message import why_not

UNCHECKED = (Reason.INVALID, Reason.EXPIRED, Reason.UNKNOWN_ACTOR)
"""Jobs with these reasons may never have passed the contract; all others have, at the worker that ran them."""

HELD_BACK = (
    "the effect of an unknown_outcome job may have happened: look at the provider first,"
    " then replay it by id, or all of them with --include-unknown"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The dead letters of a filter, less those whose effect may have happened, unless they are named or asked for.

    Attributes:
        filter: what was asked for.
        include_unknown: also take `unknown_outcome` dead letters that are not named by id.
    """

    filter: Filter
    include_unknown: bool = False

    @property
    def taken(self) -> Filter | None:
        """What is replayed; None when that is nothing."""
        if self.include_unknown or self.filter.ids:
            return self.filter
        reasons = tuple(reason for reason in self.filter.reasons or Reason if reason is not Reason.UNKNOWN_OUTCOME)
        return replace(self.filter, reasons=reasons) if reasons else None

    @property
    def held_back(self) -> Filter | None:
        """What is left for a person to decide; None when that cannot be anything."""
        if self.include_unknown or self.filter.ids:
            return None
        if self.filter.reasons and Reason.UNKNOWN_OUTCOME not in self.filter.reasons:
            return None
        return replace(self.filter, reasons=(Reason.UNKNOWN_OUTCOME,), states=self.filter.states or OPEN)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a replay would do if it ran now.

    Attributes:
        groups: what it would enqueue.
        refused: how many it would refuse, by why.
        held_back: how many `unknown_outcome` dead letters it would leave alone.
    """

    groups: list[Group] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    held_back: int = 0

    @property
    def letters(self) -> int:
        return sum(group.letters for group in self.groups)


def plan(connection: Connection, selection: Selection) -> Plan:
    """The dry run. Changes nothing.

    Raises:
        InvalidFilter: the filter asks for states that cannot be replayed.
    """
    held = selection.held_back
    held_back = sum(group.letters for group in count_by(connection, held)) if held else 0
    if selection.taken is None:
        return Plan(held_back=held_back)
    expected = forecast(connection, selection.taken)
    why, less = _would_be_refused(connection, selection.taken)
    groups = [
        group._replace(letters=group.letters - less[group[:3]])
        for group in expected.replayed
        if group.letters > less[group[:3]]
    ]
    return Plan(groups, dict(Counter(expected.refused) + why), held_back)


def _would_be_refused(connection: Connection, taken: Filter) -> tuple[Counter[str], Counter[tuple[str, ...]]]:
    """Those that only a look at the message can tell: by why, and by provider, actor and reason."""
    row = dead_letters.c
    query = select(row.provider, row.actor, row.reason, row.message).where(*replayable(taken))
    query = query.where(row.reason.in_(UNCHECKED)).execution_options(yield_per=200)
    why: Counter[str] = Counter()
    less: Counter[tuple[str, ...]] = Counter()
    for provider, actor, reason, message in chain.from_iterable(connection.execute(query).partitions()):
        refusal = why_not(message)
        if refusal is not None:
            why[refusal] += 1
            less[provider, actor, reason] += 1
    return why, less
