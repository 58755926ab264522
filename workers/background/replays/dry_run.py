"""The dry run of a replay: what the table shows, and what only the messages show."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection

from storage.dead_letters.letter.queries import Group
from storage.replays.forecast import forecast, unchecked
from storage.replays.selection import Selection


@dataclass(frozen=True, slots=True)
class Plan:
    """What a replay would do if it ran now.

    Attributes:
        groups: what it would enqueue, by provider, actor and reason.
        refused: how many it would refuse, by why.
        held_back: how many `unknown_outcome` dead letters it would leave alone.
        limit: it would take only so many of `groups`, the oldest.
    """

    groups: list[Group] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    held_back: int = 0
    limit: int | None = None

    @property
    def letters(self) -> int:
        """How many it would enqueue."""
        letters = sum(group.letters for group in self.groups)
        return letters if self.limit is None else min(letters, self.limit)


def plan(connection: Connection, selection: Selection) -> Plan:
    """Changes nothing.

    Raises:
        InvalidFilter: the filter asks for states that cannot be replayed.
    """
    # Dramatiq and the rings: a command that only shows replays does not load them.
    from workers.background.replays.message import why_not

    expected = forecast(connection, selection)
    why: Counter[str] = Counter(expected.refused)
    less: Counter[tuple[str, ...]] = Counter()
    for letter in unchecked(connection, selection):
        refusal = why_not(letter.message)
        if refusal is not None:
            why[refusal] += 1
            less[letter.provider, letter.actor, letter.reason] += 1
    groups = [
        group._replace(letters=group.letters - less[group[:3]])
        for group in expected.replayed
        if group.letters > less[group[:3]]
    ]
    return Plan(groups, dict(why), expected.held_back, selection.limit)
