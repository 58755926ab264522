"""What a fleet does by itself when something fails: recovery actions, ours and those of extensions."""

from leeward.extension.recovery.action import RecoveryAction, recovery_action
from leeward.extension.recovery.failure import Failure, Fallbacks, Recovered

__all__ = ["Failure", "Fallbacks", "Recovered", "RecoveryAction", "recovery_action"]
