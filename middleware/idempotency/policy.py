"""Rule: how an unknown outcome is resolved."""

from enum import StrEnum


class UnknownOutcome(StrEnum):
    """The actor option `unknown_outcome`: what to do when a delivery died, or lost its answer, after its effect had begun."""

    RERUN = "rerun"
    """Run again: the effect is idempotent."""
    VERIFY = "verify"
    """Ask the actor's `verify(job)`: True when the effect happened, then the job is done; False, then it runs again."""
    PARK = "park"
    """Ask a person: the job becomes a dead letter with reason `unknown_outcome`."""
