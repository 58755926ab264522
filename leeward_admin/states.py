"""What the state of something can be: names to filter by and to show. Costs nothing to import."""

from storage.accounts.state import AccountState
from storage.dead_letters.reason import Reason
from storage.dead_letters.state import OPEN, State
from storage.replays.state import ItemOutcome, ReplayState

__all__ = ["OPEN", "AccountState", "ItemOutcome", "Reason", "ReplayState", "State"]
