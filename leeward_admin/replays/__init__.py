"""Replays: planning, making, steering, following."""

from leeward_admin.replays.progress import Progress, ReplayVerdict
from leeward_admin.replays.replays import Replays
from leeward_admin.replays.rules import careful_rules
from storage.replays.creation import NothingToReplay
from storage.replays.queries import ReplayPage, UnknownReplay
from storage.replays.rules import STOP_RATIO, ImpossibleRules, Rules, Trial
from storage.replays.selection import Selection
from storage.replays.steps import ImpossibleReplayStep, ReplayChanged
from storage.replays.views import Item, Replay
from workers.background.replays.dry_run import Plan

__all__ = [
    "STOP_RATIO",
    "ImpossibleReplayStep",
    "ImpossibleRules",
    "Item",
    "NothingToReplay",
    "Plan",
    "Progress",
    "Replay",
    "ReplayChanged",
    "ReplayPage",
    "ReplayVerdict",
    "Replays",
    "Rules",
    "Selection",
    "Trial",
    "UnknownReplay",
    "careful_rules",
]
