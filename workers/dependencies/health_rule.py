"""Rule: what the checks of a dependency mean together. One failed check is no alarm, and one good one no recovery."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broker.fleet.dependencies.findings import DependencyFinding
from broker.fleet.health.machines import ComponentState

ENOUGH = 2
"""Checks in a row that say the same."""
LONG = timedelta(seconds=60)
"""What is degraded for so long without a break is unhealthy."""


class Answer(StrEnum):
    GOOD = "good"
    FAILING = "failing"
    """A timeout, a connection that was reset or refused, a 5xx: it may pass."""
    REFUSED = "refused"
    """Anything else: it does not pass by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One health check."""

    answer: Answer
    detail: str
    took: timedelta
    at: datetime


def judged(check: Check, before: DependencyFinding | None) -> DependencyFinding:
    """The finding after a check.

    Args:
        check: the latest.
        before: the finding after the one before; None where there was none.
    """
    is_good = check.answer is Answer.GOOD
    failures = 0 if is_good else (before.failures if before else 0) + 1
    successes = (before.successes if before else 0) + 1 if is_good else 0
    failing_since = None if is_good else (before.failing_since if before else None) or check.at
    current = before.state if before else ComponentState.UNKNOWN
    state = _state(check, current, max(failures, successes), failing_since)
    return DependencyFinding(
        state=state,
        detail=check.detail,
        took=check.took,
        at=check.at,
        since=before.since if before and before.state is state else check.at,
        failures=failures,
        successes=successes,
        failing_since=failing_since,
    )


def _state(check: Check, current: ComponentState, in_a_row: int, failing_since: datetime | None) -> ComponentState:
    is_first = current is ComponentState.UNKNOWN
    if in_a_row < ENOUGH and not is_first:
        return current
    if failing_since is None:
        return ComponentState.HEALTHY
    if check.answer is Answer.REFUSED or check.at - failing_since >= LONG:
        return ComponentState.UNHEALTHY
    # A failing check between two refused ones is no improvement.
    return ComponentState.UNHEALTHY if current is ComponentState.UNHEALTHY else ComponentState.DEGRADED
