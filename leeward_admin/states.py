"""What the state of something can be: names to filter by and to show. Costs nothing to import."""

from storage.account_state import AccountState
from storage.reason import Reason
from storage.replays.state import ItemOutcome, ReplayState
from storage.state import OPEN, State

__all__ = ["OPEN", "AccountState", "ItemOutcome", "Reason", "ReplayState", "State"]
