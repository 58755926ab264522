"""Whether what should go wrong did go wrong: a ledger without failures would prove nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from demo import scenario
from demo.accounting.ledger import Fate, Ledger


@dataclass(frozen=True, slots=True)
class FailureCheck:
    """What happened before the dead letters were replayed.

    Attributes:
        ledger: as it was then.
        restarts: how often a process was started again.
        circuit: what Jellyfin's did, in order.
    """

    ledger: Ledger
    restarts: int
    circuit: Sequence[str]

    def problems(self) -> list[str]:
        """What was planned and did not happen."""
        died = self.ledger.count(Fate.DEAD)
        missing = [] if died >= scenario.DEATHS else [f"{scenario.DEATHS} jobs were made to die, and {died} did"]
        if not self.restarts:
            missing.append("a worker was killed, and none was started again")
        if "opened" not in self.circuit or self.circuit[-1] != "closed":
            missing.append(
                f"the circuit should have opened and closed again, but: {', '.join(self.circuit) or 'nothing'}"
            )
        parked = {entry.effect.name[1] for entry in self.ledger.entries if entry.fate is Fate.UNKNOWN}
        doubtful = {scenario.ACCEPTED_UNANSWERED, scenario.NEVER_ACCEPTED}
        return missing + [
            f"the mail to {who} had no known outcome, and was not parked" for who in sorted(doubtful - parked)
        ]
