"""The arithmetic of the end: expected effects compared with observed ones. Pure; the fleet's records only explain what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from demo.accounting.books import Books
from demo.accounting.orders import Effect, Family
from demo.accounting.outside import Seen
from leeward import JobState
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.state import OPEN, State


class Fate(StrEnum):
    """The fate of an effect."""

    DONE = "done"
    """Seen outside."""
    DEAD = "dead"
    """Not seen, and its job is an open dead letter."""
    UNKNOWN = "unknown"
    """Its job was parked: a crash left open whether it happened, and a person decides. Seen or not."""
    LOST = "lost"
    """Not seen, and in no record."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One effect in the ledger. `times`: how often it was seen."""

    effect: Effect
    fate: Fate
    times: int

    @property
    def is_repeated(self) -> bool:
        return self.times > 1


@dataclass(frozen=True, slots=True)
class Ledger:
    """Attributes:
    entries: one for each wanted effect.
    unasked: observed effects that were not requested.
    contradictions: where the fleet's own records differ from the observations.
    """

    entries: tuple[Entry, ...]
    unasked: tuple[str, ...]
    contradictions: tuple[str, ...]

    def of(self, family: Family | None = None) -> list[Entry]:
        return [entry for entry in self.entries if family in {None, entry.effect.family}]

    def count(self, fate: Fate, family: Family | None = None) -> int:
        return sum(entry.fate is fate for entry in self.of(family))

    def repeated(self, family: Family | None = None) -> int:
        return sum(entry.is_repeated for entry in self.of(family))

    def problems(self) -> list[str]:
        """Every wrong number, in words. A parked mail is not one; a job that is still dead is."""
        lines = [f"lost: {entry.effect}" for entry in self.entries if entry.fate is Fate.LOST]
        lines += [f"still dead: {entry.effect}" for entry in self.entries if entry.fate is Fate.DEAD]
        lines += [f"happened {entry.times} times: {entry.effect}" for entry in self.entries if entry.is_repeated]
        lines += [
            f"parked, although it could have been repeated: {entry.effect}"
            for entry in self.entries
            if entry.fate is Fate.UNKNOWN and entry.effect.family is not Family.EMAIL
        ]
        lines += [f"not requested: {what}" for what in self.unasked]
        return lines + [f"the fleet's records disagree: {what}" for what in self.contradictions]


def reckon(wanted: Iterable[Effect], seen: Seen, books: Books) -> Ledger:
    """Draws up the ledger."""
    wanted = tuple(wanted)
    entries = tuple(_entry(effect, seen[effect.family, effect.name], books) for effect in wanted)
    names = {(effect.family, effect.name) for effect in wanted}
    unasked = tuple(f"{family} {' / '.join(name)}" for family, name in seen if (family, name) not in names)
    contradictions = tuple(filter(None, (_contradiction(entry, books) for entry in entries)))
    return Ledger(entries, unasked, contradictions)


def _entry(effect: Effect, times: int, books: Books) -> Entry:
    letter = books.letters.get(effect.job_id)
    is_open = letter is not None and letter.state in OPEN
    if letter is not None and is_open and letter.reason is DeadReason.UNKNOWN_OUTCOME:
        return Entry(effect, Fate.UNKNOWN, times)
    if times:
        return Entry(effect, Fate.DONE, times)
    return Entry(effect, Fate.DEAD if is_open else Fate.LOST, times)


def _contradiction(entry: Entry, books: Books) -> str | None:
    state, letter = books.states.get(entry.effect.job_id), books.letters.get(entry.effect.job_id)
    done = state is JobState.DONE or (letter is not None and letter.state is State.RECOVERED)
    if done == (entry.fate is Fate.DONE):
        return None
    return f"{entry.effect} is {entry.fate} outside, and job {entry.effect.job_id} is {state or 'not known'}"
