"""Steps about replays."""

from dataclasses import dataclass
from typing import ClassVar

from leeward.actions.action import Action


@dataclass(frozen=True, slots=True)
class ListReplays(Action):
    """Look at the replays there are."""

    kind: ClassVar[str] = "list_replays"


@dataclass(frozen=True, slots=True)
class ShowReplay(Action):
    """Look at one replay and its items.

    Attributes:
        outcome: only the items with this outcome; None for all.
    """

    kind: ClassVar[str] = "show_replay"
    replay: str
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class ResumeReplay(Action):
    """Let a replay continue."""

    kind: ClassVar[str] = "resume_replay"
    changes: ClassVar[bool] = True
    replay: str


@dataclass(frozen=True, slots=True)
class CancelReplay(Action):
    """End a replay for good."""

    kind: ClassVar[str] = "cancel_replay"
    changes: ClassVar[bool] = True
    replay: str
