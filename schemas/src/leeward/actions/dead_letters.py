"""Steps about dead letters and their groups."""

from dataclasses import dataclass
from typing import Any, ClassVar

from leeward.actions.action import Action, given


@dataclass(frozen=True, slots=True)
class Letters:
    """Which dead letters a step is about: those of the ids, or all that meet every condition that is given.

    Attributes:
        ids: one by one.
        fingerprint: the group.
        reason: why they died.
        states: any of these.
    """

    ids: tuple[str, ...] = ()
    fingerprint: str | None = None
    reason: str | None = None
    states: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """In JSON types, without what is not given."""
        return given(self)


@dataclass(frozen=True, slots=True)
class ListDeadLetters(Action):
    """Look at dead letters; at all of them where none are named."""

    kind: ClassVar[str] = "list_dead_letters"
    letters: Letters = Letters()


@dataclass(frozen=True, slots=True)
class ShowDeadLetter(Action):
    """Look at everything about one dead letter."""

    kind: ClassVar[str] = "show_dead_letter"
    dead_letter: str


@dataclass(frozen=True, slots=True)
class ListGroups(Action):
    """Look at the groups of failures.

    Attributes:
        any_state: also those in which nothing is open any more.
    """

    kind: ClassVar[str] = "list_groups"
    any_state: bool = False


@dataclass(frozen=True, slots=True)
class ShowGroup(Action):
    """Look at one group of failures."""

    kind: ClassVar[str] = "show_group"
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ListSavedFilters(Action):
    """Look at the filters that have a name."""

    kind: ClassVar[str] = "list_saved_filters"


@dataclass(frozen=True, slots=True)
class ReplayDeadLetters(Action):
    """Try dead jobs again.

    Attributes:
        per_second: at most so many are enqueued per second; None for as many as go.
        limit: only so many, the oldest; None for all.
        dry_run: only find out what would be done, which changes nothing.
        needs_reason: some may have had their effect; the replay takes them only with a reason why repeating that is safe.
    """

    kind: ClassVar[str] = "replay"
    changes: ClassVar[bool] = True
    letters: Letters
    per_second: float | None = None
    limit: int | None = None
    dry_run: bool = False
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class DiscardDeadLetters(Action):
    """Decide that jobs will not be done.

    Attributes:
        note: why, where that is known already.
    """

    kind: ClassVar[str] = "discard"
    changes: ClassVar[bool] = True
    letters: Letters
    note: str | None = None


@dataclass(frozen=True, slots=True)
class EditPayload(Action):
    """Correct what a replay of a dead letter will take.

    Attributes:
        fields: those that need a new value; empty when that is for a person to find out.
    """

    kind: ClassVar[str] = "edit_payload"
    changes: ClassVar[bool] = True
    dead_letter: str
    fields: tuple[str, ...] = ()
