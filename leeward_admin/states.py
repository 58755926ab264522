"""What the state of something can be: names to filter by and to show. Costs nothing to import."""

from leeward.jobs.dead_reason import DeadReason
from storage.accounts.state import AccountState
from storage.dead_letters.state import OPEN, State
from storage.replays.state import ItemOutcome, ReplayState

__all__ = ["OPEN", "AccountState", "DeadReason", "ItemOutcome", "Reason", "ReplayState", "State"]

Reason = DeadReason
"""The name that scripts know it by."""
