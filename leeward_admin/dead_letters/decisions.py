"""What people decide about many dead letters, one at a time, each on the version that was just read."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from leeward.errors import Invalid
from leeward_admin.dead_letters.triage import Triage
from storage.dead_letters.letter.views import Summary
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.state import OPEN, State
from storage.dead_letters.triage.decisions import DeadLetterChanged, ImpossibleStep

__all__ = ["Assign", "Decided", "Decision", "Discard", "Hold", "Note", "Release", "Review", "decidable"]


@dataclass(frozen=True, slots=True)
class Decision(ABC):
    """One of the decisions below, made by `who`.

    Attributes:
        verb: as `discard`.
        done: what a dead letter is after it, as `discarded`.
        states: in which it is possible.
    """

    verb: ClassVar[str]
    done: ClassVar[str]
    states: ClassVar[tuple[State, ...]] = OPEN
    who: str

    def is_due(self, letter: Summary) -> bool:
        """Whether a dead letter needs the decision; the others are passed over."""
        return True

    @abstractmethod
    def take(self, triage: Triage, letter: Summary) -> Summary:
        """Decides about one, on the version that `letter` names.

        Raises:
            DeadLetterChanged, ImpossibleStep, UnknownDeadLetter: nothing was changed.
        """


@dataclass(frozen=True, slots=True)
class Review(Decision):
    """`who` looks after it from now on."""

    verb: ClassVar[str] = "review"
    done: ClassVar[str] = "taken on"

    def take(self, triage: Triage, letter: Summary) -> Summary:
        return triage.review(letter.id, letter.version, who=self.who)


@dataclass(frozen=True, slots=True)
class Assign(Decision):
    """Makes `owner` the owner; None removes the owner."""

    verb: ClassVar[str] = "assign"
    done: ClassVar[str] = "assigned"
    owner: str | None

    def take(self, triage: Triage, letter: Summary) -> Summary:
        return triage.assign(letter.id, letter.version, who=self.who, owner=self.owner)


@dataclass(frozen=True, slots=True)
class Note(Decision):
    """`text` is what is known about it."""

    verb: ClassVar[str] = "note"
    done: ClassVar[str] = "noted"
    states: ClassVar[tuple[State, ...]] = tuple(State)
    text: str

    def take(self, triage: Triage, letter: Summary) -> Summary:
        return triage.note(letter.id, letter.version, who=self.who, text=self.text)


@dataclass(frozen=True, slots=True)
class Discard(Decision):
    """Its job will not be done; `note` says why."""

    verb: ClassVar[str] = "discard"
    done: ClassVar[str] = "discarded"
    note: str

    def take(self, triage: Triage, letter: Summary) -> Summary:
        return triage.discard(letter.id, letter.version, who=self.who, note=self.note)


@dataclass(frozen=True, slots=True)
class Hold(Decision):
    """It is kept for ever, whatever its state."""

    verb: ClassVar[str] = "hold"
    done: ClassVar[str] = "held"
    states: ClassVar[tuple[State, ...]] = tuple(State)
    reason: str

    def is_due(self, letter: Summary) -> bool:
        return not letter.hold

    def take(self, triage: Triage, letter: Summary) -> Summary:
        return triage.hold(letter.id, letter.version, who=self.who, reason=self.reason)


@dataclass(frozen=True, slots=True)
class Release(Decision):
    """Its legal hold ends."""

    verb: ClassVar[str] = "release"
    done: ClassVar[str] = "released"
    states: ClassVar[tuple[State, ...]] = tuple(State)
    reason: str

    def is_due(self, letter: Summary) -> bool:
        return letter.hold

    def take(self, triage: Triage, letter: Summary) -> Summary:
        return triage.hold(letter.id, letter.version, who=self.who, reason=self.reason, release=True)


@dataclass(frozen=True, slots=True)
class Decided:
    """A dead letter about which was decided.

    Attributes:
        id: which one.
        conflict: why nothing was changed; None when it was.
    """

    id: UUID
    conflict: DeadLetterChanged | ImpossibleStep | None = None


def decidable(filter_: Filter, decision: Decision) -> Filter:
    """Those of the filter that are in a state in which the decision is possible.

    Raises:
        Invalid: the filter names a state in which it is not.
    """
    impossible = [state for state in filter_.states if state not in decision.states]
    if impossible:
        allowed = " or ".join(decision.states)
        raise Invalid(f"{', '.join(impossible)} dead letters cannot be {decision.done}: use {allowed}")
    return replace(filter_, states=filter_.states or decision.states)


def decide(triage: Triage, letters: Iterable[Summary], decision: Decision) -> Iterator[Decided]:
    """Takes the decision on each dead letter that needs it. One that changed meanwhile stops no other.

    Raises:
        UnknownDeadLetter: one is gone.
    """
    for letter in letters:
        if not decision.is_due(letter):
            continue
        try:
            decision.take(triage, letter)
        except (DeadLetterChanged, ImpossibleStep) as conflict:
            yield Decided(letter.id, conflict)
        else:
            yield Decided(letter.id)
