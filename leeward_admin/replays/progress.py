"""How a replay stands."""

from dataclasses import dataclass
from enum import StrEnum

from leeward.actions import Action, CancelReplay, ResumeReplay
from storage.replays.state import ItemOutcome, ReplayState
from storage.replays.views import Replay


class ReplayVerdict(StrEnum):
    """Whether a replay ended as requested."""

    WELL = "well"
    WRONG = "wrong"
    """It was stopped, or some of its dead letters were refused or died again."""
    HALTED = "halted"
    """A person paused or cancelled it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A replay at one moment, and how many of its items have each outcome."""

    replay: Replay
    counts: dict[ItemOutcome, int]

    @property
    def all_enqueued(self) -> bool:
        return not (self.counts[ItemOutcome.PENDING] or self.counts[ItemOutcome.CLAIMED])

    @property
    def actions(self) -> tuple[Action, ...]:
        """What a person can do to continue or end it; nothing while it runs, and when it has ended for good."""
        id_ = str(self.replay.id)
        match self.replay.state:
            case ReplayState.PLANNED | ReplayState.PAUSED | ReplayState.STOPPED:
                return (ResumeReplay(id_), CancelReplay(id_))
        return ()

    @property
    def verdict(self) -> "ReplayVerdict":
        """Whether it ended as requested."""
        if self.replay.state in {ReplayState.PAUSED, ReplayState.CANCELLED}:
            return ReplayVerdict.HALTED
        went_wrong = self.counts[ItemOutcome.REFUSED] or self.counts[ItemOutcome.DEAD_AGAIN]
        is_wrong = went_wrong or self.replay.state is ReplayState.STOPPED
        return ReplayVerdict.WRONG if is_wrong else ReplayVerdict.WELL
